import { columnOf, headerOf, rowOf } from './columns.ts';
import { type LineKind, type LogFormat, type LogParser, nothingLeft } from './log-format.ts';
import { mailPortIn } from './numbers.ts';
import { createTexts } from './texts.ts';
import { timeIn } from './utc-time.ts';
import { zeekFlow } from './zeek-flow.ts';

/** Zeek's conn.log as it is by default: a header of `#` lines that names the fields, then cells parted by tabs. */
export const zeekTsv: LogFormat = {
  title: 'Zeek conn.log',
  recognises: (lines) => lines.some((line) => line.startsWith('#fields') && line.includes('id.resp_p')),
  // `ts` is the first field of every log of Zeek's.
  timeOf: (line) => (line.startsWith('#') ? undefined : timeIn(columnOf(line, '\t', 0))),
  open,
};

function open(): LogParser {
  const texts = createTexts();
  let separator = '\t';
  let header = headerOf([]);
  let portAt = -1;

  /** Logs that were put together have a header each. */
  function directive(text: string): LineKind {
    const written = /^#separator \\x([0-9a-f]{2})$/i.exec(text);
    if (written) separator = String.fromCharCode(Number.parseInt(written[1] ?? '', 16));
    const [name, ...rest] = text.split(separator);
    if (name === '#fields') {
      header = headerOf(rest);
      portAt = header.get('id.resp_p') ?? -1;
    }
    return 'other';
  }

  return {
    line(text, give) {
      if (text.startsWith('#')) return directive(text);
      if (portAt < 0) return 'unreadable';
      const port = columnOf(text, separator, portAt);
      if (port === undefined) return 'unreadable';
      if (mailPortIn(port) === undefined) return 'other';
      // What is unset (`-`) is no number, address or MAC either.
      const row = rowOf(header, text.split(separator));
      if (row('proto') !== 'tcp') return 'other';
      const flow = zeekFlow(row, texts);
      if (!flow) return 'unreadable';
      give(flow);
      return 'mail';
    },
    end: nothingLeft,
  };
}
