import { type Counters, mailPorts } from '../conntrack/flow.ts';
import { type JsonObject, jsonNumber, jsonObjectOf, jsonText, portAfter } from './json-line.ts';
import { type LineKind, type LogFormat, type LogParser, nothingLeft } from './log-format.ts';
import { countersOf, mailPortOf } from './numbers.ts';
import type { ReplayFlow } from './replay-flow.ts';
import { createTexts, type Texts } from './texts.ts';

/**
 * One JSON object a line: `ts, src, mac, dst, sport, dport, state (timeout | refused | established | est_nodata), dur,
 * pkts_out, bytes_out, pkts_in, bytes_in, label`. Numbers of seconds, packets, and bytes with IP headers; `mac`, `label`
 * and the counters may be missing, and other members are passed over.
 */
export const flowJsonl: LogFormat = {
  title: 'flows as JSON lines',
  recognises: (lines) =>
    lines.some((line) => line.startsWith('{') && /"src"\s*:/.test(line) && /"dport"\s*:/.test(line)),
  timeOf: (line) => jsonNumber(jsonObjectOf(line) ?? {}, 'ts'),
  open,
};

function open(): LogParser {
  const texts = createTexts();
  return {
    line(text, give): LineKind {
      const port = portAfter(text, '"dport"');
      if (port !== undefined && !mailPorts.some((mailPort) => mailPort === port)) return 'other';
      const flow = flowOf(jsonObjectOf(text), texts);
      if (!flow) return 'unreadable';
      give(flow);
      return 'mail';
    },
    end: nothingLeft,
  };
}

const states = new Map<unknown, ReplayFlow['state']>(
  (['timeout', 'refused', 'established', 'est_nodata'] as const).map((state) => [state, state]),
);

function flowOf(line: JsonObject | undefined, texts: Texts): ReplayFlow | undefined {
  if (!line) return undefined;
  const tsS = jsonNumber(line, 'ts');
  const src = texts.address(jsonText(line, 'src'));
  const dst = texts.address(jsonText(line, 'dst'));
  const dport = mailPortOf(jsonNumber(line, 'dport'));
  const out = countersOf(jsonNumber(line, 'pkts_out'), jsonNumber(line, 'bytes_out'));
  const back = countersOf(jsonNumber(line, 'pkts_in'), jsonNumber(line, 'bytes_in'));
  const state = states.get(line['state']) ?? (line['state'] === undefined ? stateBy(out, back) : undefined);
  if (tsS === undefined || !src || !dst || !dport || !state) return undefined;
  const mac = texts.mac(jsonText(line, 'mac'));
  const label = texts.word(jsonText(line, 'label'));
  return {
    tsS,
    src,
    mac,
    dst,
    sport: jsonNumber(line, 'sport') ?? 0,
    dport,
    state,
    durationS: jsonNumber(line, 'dur') ?? 0,
    out,
    back,
    label,
  };
}

/** Where the log does not say how it went: nothing back, one packet back, or more. */
function stateBy(out: Counters | undefined, back: Counters | undefined): ReplayFlow['state'] | undefined {
  if (!out || !back) return undefined;
  if (back.packets === 0) return 'timeout';
  return out.packets < 2 ? 'refused' : 'established';
}
