import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { EventDocument } from './engine/documents.ts';
import type { Instant } from './engine/input.ts';
import { decodeInput } from './engine/recording.ts';
import { newState, type State } from './engine/state.ts';
import { step } from './engine/step.ts';
import { deviceDocument } from './engine/views.ts';
import { noVendors } from './identity/vendor.ts';
import { version } from './system/version.ts';

/** Replays a recording of inputs (POSTERN_RECORD) through the engine and prints what it decided. */
export async function replay({
  path,
  json,
}: {
  readonly path: string;
  readonly json: boolean;
}): Promise<number> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  const events: EventDocument[] = [];
  let state: State | undefined;
  let at: Instant = { nowMs: 0, wallMs: 0 };
  let unread = 0;
  try {
    for await (const text of lines) {
      const input = decodeInput(text);
      if (!input) {
        unread++;
        continue;
      }
      at = input.at;
      if (!state && input.type !== 'config') continue;
      state ??= newState({
        config: (input as { config: State['config'] }).config,
        version,
        vendorOf: noVendors,
        at,
      });
      const outcome = step(state, input, at);
      state = outcome.state;
      for (const effect of outcome.effects) if (effect.type === 'event') events.push(effect.document);
    }
  } catch (error) {
    process.stderr.write(`postern: ${path}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  if (!state) {
    process.stderr.write(`postern: ${path} is no recording: it does not begin with a configuration\n`);
    return 1;
  }
  const view = { state, at };
  const devices = [...state.records.values()].map((record) => deviceDocument(view, record));
  if (json) process.stdout.write(`${JSON.stringify({ schema: 1, devices, events, unread })}\n`);
  else {
    for (const { at: when, text } of events) process.stdout.write(`${when} ${text}\n`);
    for (const { device, state: held, score, connections } of devices) {
      process.stdout.write(`${device}: ${held}, score ${score}, ${connections} connections\n`);
    }
  }
  return 0;
}
