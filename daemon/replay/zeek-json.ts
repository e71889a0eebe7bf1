import { type JsonObject, jsonObjectOf } from '../control/json-object.ts';
import type { Row } from './columns.ts';
import { portAfter } from './json-line.ts';
import { type LogFormat, type LogParser, nothingLeft } from './log-format.ts';
import { mailPortOf } from './numbers.ts';
import { createTexts } from './texts.ts';
import { timeIn } from './utc-time.ts';
import { zeekFlow } from './zeek-flow.ts';

/** Zeek's conn.log with `LogAscii::use_json=T`: one object a line, unset fields left out. */
export const zeekJson: LogFormat = {
  title: 'Zeek conn.log as JSON',
  recognises: (lines) => lines.some((line) => line.startsWith('{') && /"id\.resp_p"\s*:/.test(line)),
  timeOf: (line) => timeIn(rowOf(jsonObjectOf(line) ?? {})('ts')),
  open,
};

function open(): LogParser {
  const texts = createTexts();
  return {
    line(text, give) {
      const port = portAfter(text, '"id.resp_p"');
      if (port !== undefined && mailPortOf(port) === undefined) return 'other';
      const object = jsonObjectOf(text);
      if (!object) return 'unreadable';
      if (object['proto'] !== undefined && object['proto'] !== 'tcp') return 'other';
      const flow = zeekFlow(rowOf(object), texts);
      if (!flow) return 'unreadable';
      give(flow);
      return 'mail';
    },
    end: nothingLeft,
  };
}

/** The object's members as the cells of a row. */
function rowOf(object: JsonObject): Row {
  return (name) => {
    const value = object[name];
    if (typeof value === 'string') return value;
    return typeof value === 'number' ? plain(value) : undefined;
  };
}

/** Without an exponent, which numbers below a millionth would have. */
const plain = (value: number) => (value > 0 && value < 1e-6 ? '0' : String(value));
