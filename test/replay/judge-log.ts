import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createEvaluator } from '../../daemon/replay/evaluator.ts';
import { formatOf } from '../../daemon/replay/formats.ts';
import { linesForRecognition } from '../../daemon/replay/log-format.ts';
import { createLogReader, type LogReader } from '../../daemon/replay/log-reader.ts';
import type { ReplayFlow } from '../../daemon/replay/replay-flow.ts';
import type { ReplayOptions } from '../../daemon/replay/replay-options.ts';
import { type ReplayDocument, type ReplayedDevice, replayDocument } from '../../daemon/replay/report.ts';
import { data } from '../detection/provider-data.ts';

export const plain: ReplayOptions = { preset: 'normal', lan: [], enforce: false };

/** Judges flows that are in order. */
export function judgeFlows(
  flows: Iterable<ReplayFlow>,
  options: Partial<ReplayOptions> = {},
): ReplayDocument {
  const chosen = { ...plain, ...options };
  const evaluator = createEvaluator(chosen, data);
  for (const flow of flows) evaluator.take(flow);
  return replayDocument(evaluator.finish(), [], chosen);
}

/** The only device's part of a document. */
export function only({ devices }: ReplayDocument): ReplayedDevice {
  const [device] = devices;
  if (!device || devices.length > 1) throw new Error(`${devices.length} devices`);
  return device;
}

export const fixtures = [
  'conntrack.log',
  'zeek-conn.log',
  'zeek-conn.json',
  'argus.binetflow',
  'nfdump.csv',
  'flows.jsonl',
] as const;

export const fixturePath = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
export const fixture = (name: string) => readFileSync(fixturePath(name), 'latin1');

/** The flows of a log's text in the order of their start, and what its reader counted. */
export function readLog(text: string): { flows: ReplayFlow[]; counts: LogReader['counts'] } {
  const format = formatOf(text.split('\n').slice(0, linesForRecognition));
  if (!format) throw new Error('no known format');
  const reader = createLogReader(format);
  reader.push(text);
  reader.end();
  const flows: ReplayFlow[] = [];
  for (let flow = reader.next(); flow; flow = reader.next()) flows.push(flow);
  return { flows, counts: reader.counts };
}

let ports = 40_000;

/** A flow with the usual counters of its state. */
export function flow(tsS: number, dst: string, changes: Partial<ReplayFlow> = {}): ReplayFlow {
  const { state = 'established' } = changes;
  return {
    tsS: 1_700_000_000 + tsS,
    src: '192.168.1.21',
    dst,
    sport: ports++,
    dport: 25,
    state,
    durationS: 3,
    ...usual[state],
    ...changes,
  };
}

/** About one message, less than one, and no answer. */
const usual = {
  established: { out: { packets: 25, bytes: 3600 }, back: { packets: 23, bytes: 2400 } },
  est_nodata: { out: { packets: 4, bytes: 200 }, back: { packets: 4, bytes: 200 } },
  timeout: { out: { packets: 3, bytes: 180 }, back: { packets: 0, bytes: 0 } },
  refused: { out: { packets: 1, bytes: 60 }, back: { packets: 1, bytes: 40 } },
} satisfies Record<ReplayFlow['state'], Pick<ReplayFlow, 'out' | 'back'>>;

/** Servers in as many groups. */
export const servers = Array.from({ length: 60 }, (_, index) => `${18 + index}.40.7.25`);
