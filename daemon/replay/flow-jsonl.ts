import type { Counters } from '../conntrack/flow.ts';
import { jsonObjectOf } from '../control/json-object.ts';
import { numberOf, portAfter, textOf } from './json-line.ts';
import { type LineTemplate, readBy, templateOf, type Value } from './line-template.ts';
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
  timeOf: (line) => numberOf(jsonObjectOf(line)?.['ts']),
  open,
};

/** Members that are read, in this order. */
const columns = [
  'ts',
  'src',
  'mac',
  'dst',
  'sport',
  'dport',
  'state',
  'dur',
  'pkts_out',
  'bytes_out',
  'pkts_in',
  'bytes_in',
  'label',
] as const;

/** A template, and where in it each column's value is; -1 where it has none. */
interface Shape {
  readonly template: LineTemplate;
  readonly places: readonly number[];
}

/** Programs leave out members that they do not know: lines of a few shapes. */
const mostShapes = 4;

function open(): LogParser {
  const texts = createTexts();
  const row: unknown[] = [];
  const values: Value[] = [];
  /** How the last lines that were read as any JSON looked, at most {@link mostShapes}. */
  const shapes: Shape[] = [];

  /** Fills the row; false where the line is no object. */
  function read(text: string): boolean {
    for (const { template, places } of shapes) {
      if (!readBy(template, text, values)) continue;
      for (let column = 0; column < places.length; column++) {
        const place = places[column] ?? -1;
        row[column] = place < 0 ? undefined : values[place];
      }
      return true;
    }
    const object = jsonObjectOf(text);
    if (!object) return false;
    for (const [column, name] of columns.entries()) row[column] = object[name];
    const template = templateOf(text);
    if (template) shapes.unshift({ template, places: columns.map((name) => template.names.indexOf(name)) });
    if (shapes.length > mostShapes) shapes.pop();
    return true;
  }

  return {
    line(text, give): LineKind {
      const port = portAfter(text, '"dport"');
      if (port !== undefined && mailPortOf(port) === undefined) return 'other';
      const flow = read(text) ? flowOf(row, texts) : undefined;
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

function flowOf(row: readonly unknown[], texts: Texts): ReplayFlow | undefined {
  const [ts, srcText, macText, dstText, sport, dportNumber, stateText, dur] = row;
  const tsS = numberOf(ts);
  const src = texts.address(textOf(srcText));
  const dst = texts.address(textOf(dstText));
  const dport = mailPortOf(numberOf(dportNumber));
  const out = countersOf(numberOf(row[8]), numberOf(row[9]));
  const back = countersOf(numberOf(row[10]), numberOf(row[11]));
  const state = states.get(stateText) ?? (stateText === undefined ? stateBy(out, back) : undefined);
  if (tsS === undefined || !src || !dst || !dport || !state) return undefined;
  return {
    tsS,
    src,
    mac: texts.mac(textOf(macText)),
    dst,
    sport: numberOf(sport) ?? 0,
    dport,
    state,
    durationS: numberOf(dur) ?? 0,
    out,
    back,
    label: texts.word(textOf(row[12])),
  };
}

/** Where the log does not say how it went: nothing back, one packet back, or more. */
function stateBy(out: Counters | undefined, back: Counters | undefined): ReplayFlow['state'] | undefined {
  if (!out || !back) return undefined;
  if (back.packets === 0) return 'timeout';
  return out.packets < 2 ? 'refused' : 'established';
}
