import type { EventDocument } from './engine/documents.ts';
import type { Instant } from './engine/input.ts';
import { decodeInput } from './engine/recording.ts';
import { newState, type State } from './engine/state.ts';
import { step } from './engine/step.ts';
import { deviceDocument } from './engine/views.ts';
import { noVendors } from './identity/vendor.ts';
import { readData } from './main-data.ts';
import { createLineSplitter } from './replay/split-lines.ts';
import { openLogFile } from './system/log-file.ts';
import { version } from './system/version.ts';

/** Whether a file that begins with this line is a recording of the daemon's inputs (POSTERN_RECORD). */
export const isRecording = (firstLine: string): boolean => decodeInput(firstLine) !== undefined;

/** Replays a recording through the engine and prints what it decided. Returns the exit code. */
export async function replayRecording(path: string, json: boolean): Promise<number> {
  const events: EventDocument[] = [];
  let state: State | undefined;
  let at: Instant = { nowMs: 0, wallMs: 0 };
  let unread = 0;

  const take = (text: string) => {
    const input = decodeInput(text);
    if (!input) {
      unread++;
      return;
    }
    at = input.at;
    if (!state && input.type === 'config')
      state = newState({ config: input.config, version, ...readData(), vendorOf: noVendors, at });
    if (!state) return;
    const outcome = step(state, input, at);
    state = outcome.state;
    for (const effect of outcome.effects) if (effect.type === 'event') events.push(effect.document);
  };

  await readLines(path, take);
  if (!state) {
    process.stderr.write(`postern: ${path} is no recording: it does not begin with a configuration\n`);
    return 1;
  }
  const view = { state, at };
  const devices = [...view.state.records.values()].map((record) => deviceDocument(view, record));
  if (json) process.stdout.write(`${JSON.stringify({ schema: 1, devices, events, unread })}\n`);
  else {
    for (const { at: when, text } of events) process.stdout.write(`${when} ${text}\n`);
    for (const { device, state: held, score, connections } of devices) {
      process.stdout.write(`${device}: ${held}, score ${score}, ${connections} connections\n`);
    }
  }
  return 0;
}

async function readLines(path: string, take: (text: string) => void): Promise<void> {
  const file = await openLogFile(path);
  const splitter = createLineSplitter(1 << 24);
  try {
    for (let chunk = await file.next(); chunk !== undefined; chunk = await file.next())
      splitter.push(chunk, take);
    splitter.end(take);
  } finally {
    file.close();
  }
}
