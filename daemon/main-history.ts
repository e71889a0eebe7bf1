import { readFile, rename, stat } from 'node:fs/promises';
import { whoIs } from './engine/who.ts';
import { type Decoded, decodeHistory } from './history/decode.ts';
import { encodeHistory, maxFileBytes } from './history/encode.ts';
import { History } from './history/history.ts';
import { Timeline } from './history/timeline.ts';
import type { Chronicle } from './main-chronicle.ts';
import { answerFrom } from './main-history-answers.ts';
import type { Running } from './main-running.ts';
import { monotonicMs, wallMs } from './system/clock.ts';
import { writeState } from './system/state-file.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Where nothing was seen either: since when it is so. */
const dayMs = 24 * hourMs;
/** A file of so many bytes may be written every hour, a larger one as much more rarely: 1.5 MB a day at most. */
const bytesPerHour = 64 * 1024;

/** Keeps the history in memory, in its file, and answers from it. A file of its own beside the bundle. */
export async function openHistory(running: Running, path: string): Promise<Chronicle> {
  const { history, extra } = await read(running, path);
  let size = 0;
  let savedMs = monotonicMs();
  let sweptMs = Number.NEGATIVE_INFINITY;

  return {
    note(seen, at) {
      history.note(seen, at);
      const device = history.devices.get(seen.key);
      if (device) device.name = whoIs(running.state, seen.key).name;
    },
    tick(at) {
      history.tick(at);
      if (at.nowMs - sweptMs >= hourMs) {
        sweptMs = at.nowMs;
        history.sweep();
      }
      const restMs = hourMs * Math.max(1, size / bytesPerHour);
      return at.nowMs - savedMs >= (history.hasNews() ? restMs : dayMs);
    },
    answer(request) {
      history.tick({ nowMs: monotonicMs(), wallMs: wallMs() });
      return answerFrom(running, history, request);
    },
    async save(at) {
      history.tick(at);
      history.written(true);
      savedMs = at.nowMs;
      const bytes = encodeHistory(history, extra);
      size = bytes.length;
      const error = await writeState(path, bytes);
      if (error !== undefined) history.written(false);
      return error;
    },
  };
}

/** The file of an earlier run, or an empty history. A damaged one is kept aside and told. */
async function read({ dispatch, log }: Running, path: string): Promise<Decoded> {
  // This run began with the process: monotonic time counts from there.
  const start = { nowMs: 0, wallMs: wallMs() - monotonicMs() };
  const bytes = await readBytes(path);
  const decoded = bytes && decodeHistory(bytes, start);
  if (decoded) return decoded;
  if (bytes) {
    const aside = `${path}.damaged`;
    await rename(path, aside).catch((error: unknown) => log.write('warn', String(error)));
    dispatch({ type: 'condition', reason: 'state_damaged', on: true, detail: `kept as ${aside}` });
  }
  return { history: new History(new Timeline(start)), extra: '' };
}

async function readBytes(path: string): Promise<Uint8Array | undefined> {
  try {
    const { size } = await stat(path);
    // A file far beyond the bound is none of ours, and not worth its memory.
    return size > 2 * maxFileBytes ? new Uint8Array() : await readFile(path);
  } catch {
    return undefined;
  }
}
