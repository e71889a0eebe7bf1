import { readFile, rename, stat } from 'node:fs/promises';
import { series } from './engine/hourly.ts';
import { whoIs } from './engine/who.ts';
import { type Decoded, decodeHistory } from './history/decode.ts';
import { encodeHistory, maxFileBytes } from './history/encode.ts';
import { extraText, readExtra } from './history/extra.ts';
import { History } from './history/history.ts';
import { OpenedIncidents } from './history/opened.ts';
import { weekAt } from './history/report-due.ts';
import { isPlausible, minuteOf, Timeline } from './history/timeline.ts';
import { type WatchEvent, Watches } from './history/watches.ts';
import type { Chronicle } from './main-chronicle.ts';
import { answerFrom, reportOf } from './main-history-answers.ts';
import { readZone } from './main-history-zone.ts';
import type { Running } from './main-running.ts';
import { monotonicMs, wallMs } from './system/clock.ts';
import { writeState } from './system/state-file.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Where nothing was seen either: since when it is so. */
const dayMs = 24 * hourMs;
/** So long it is known when incidents began: a week, and a day for a clock that was set. */
const openedMs = 8 * dayMs;
/** A file of so many bytes may be written every hour, a larger one as much more rarely: some 1.6 MB a day at most. */
const bytesPerHour = 64 * 1024;

/** Keeps the history in memory, in its file, and answers from it. A file of its own beside the bundle. */
export async function openHistory(running: Running, path: string): Promise<Chronicle> {
  const { history, extra } = await read(running, path);
  const zone = await readZone();
  const kept = readExtra(extra);
  const watches = new Watches();
  const opened = new OpenedIncidents();
  opened.restore(kept.opened);
  const { incidents } = running.state;
  const begin = { nowMs: monotonicMs(), wallMs: wallMs() };
  // Where the clock was not set then, or is not yet, a watch is longer than was said, and never shorter.
  const awayMs = begin.wallMs - kept.saved_s * 1000;
  const isKnown = isPlausible(minuteOf(kept.saved_s * 1000));
  watches.restore(kept.watches, begin, isKnown ? Math.max(0, awayMs) : 0);
  running.dispatch({ type: 'week', counts: kept.week, agoMs: isKnown ? Math.max(0, awayMs) : 0 });
  let weekMs = kept.report_s === undefined ? undefined : kept.report_s * 1000;
  let size = 0;
  let savedMs = monotonicMs();
  let sweptMs = Number.NEGATIVE_INFINITY;

  return {
    note(seen, at) {
      history.note(seen, at);
      const device = history.devices.get(seen.key);
      if (device) device.name = whoIs(running.state, seen.key).name;
      tellWatch(running, watches.note(seen, at));
    },
    watch(key, durationMs, at) {
      tellWatch(running, watches.begin(key, durationMs, at));
      history.written(false);
    },
    tick(at) {
      history.tick(at);
      for (const event of watches.tick(at, history.timeline.runs)) tellWatch(running, event);
      if (at.nowMs - sweptMs >= hourMs) {
        sweptMs = at.nowMs;
        history.sweep();
        opened.take(incidents.values());
        if (history.timeline.isSet && !history.timeline.isUnsure) {
          opened.forget(at.wallMs - openedMs);
          const week = weekAt(weekMs, at.wallMs, zone);
          weekMs = week.begunMs;
          if (week.isDue) tellReport(running, history, opened);
        }
      }
      const restMs = hourMs * Math.max(1, size / bytesPerHour);
      return at.nowMs - savedMs >= (history.hasNews() ? restMs : dayMs);
    },
    answer(request) {
      history.tick({ nowMs: monotonicMs(), wallMs: wallMs() });
      opened.take(incidents.values());
      return answerFrom(running, history, request, opened);
    },
    async save(at) {
      history.tick(at);
      opened.take(incidents.values());
      history.written(true);
      savedMs = at.nowMs;
      const bytes = encodeHistory(
        history,
        extraText({
          saved_s: Math.round(at.wallMs / 1000),
          ...(weekMs !== undefined && { report_s: Math.round(weekMs / 1000) }),
          watches: watches.rows(at.nowMs),
          week: weekOf(running, at.nowMs),
          opened: opened.rows(),
        }),
      );
      size = bytes.length;
      const error = await writeState(path, bytes);
      if (error !== undefined) history.written(false);
      return error;
    },
  };
}

/** The counts of the week, from the first hour that has one. */
function weekOf({ state }: Running, nowMs: number): Record<string, number[]> {
  const counted = Object.entries(state.week).map(([name, hourly]) => {
    const counts = series(hourly, nowMs);
    const first = counts.findIndex((amount) => amount > 0);
    return [name, first < 0 ? [] : counts.slice(first)] as const;
  });
  return Object.fromEntries(counted);
}

function tellWatch({ dispatch }: Running, told: WatchEvent | undefined): void {
  if (told) dispatch({ type: 'remark', ...told });
}

function tellReport(running: Running, history: History, opened: OpenedIncidents): void {
  if (!running.state.config.report) return;
  running.dispatch({ type: 'remark', event: 'report', text: reportOf(running, history, opened).text });
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
