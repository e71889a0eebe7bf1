import { argusCsv } from './argus-csv.ts';
import { conntrackLog } from './conntrack-log.ts';
import { flowJsonl } from './flow-jsonl.ts';
import type { LogFormat } from './log-format.ts';
import { nfdumpCsv } from './nfdump-csv.ts';
import { zeekJson } from './zeek-json.ts';
import { zeekTsv } from './zeek-tsv.ts';

/** Every kind of log that can be replayed. */
export const formats: readonly LogFormat[] = [
  conntrackLog,
  zeekTsv,
  zeekJson,
  argusCsv,
  nfdumpCsv,
  flowJsonl,
];

/** The format of a file that begins with these lines; undefined where it is none of ours. */
export function formatOf(lines: readonly string[]): LogFormat | undefined {
  return formats.find((format) => format.recognises(lines));
}
