/** What conntrack said on its error output: see {@link readStderr}. */
export interface StderrReading {
  /** "NOTICE: Netlink socket buffer size has been set to …": printed once the socket listens. */
  readonly listening: boolean;
  /** "WARNING: We have hit ENOBUFS! We are losing events." was seen. */
  readonly overrun: boolean;
  /** The unfinished last line, at most 512 characters: hand it in again. */
  readonly rest: string;
  /** The last whole line that is neither, printable ASCII, at most 200 characters; undefined if there was none. */
  readonly message: string | undefined;
}

const longestRest = 512;

/** Reads a chunk of the error output of `conntrack -E -b …` (1.4.7 and 1.4.8), cut anywhere. Never throws. */
export function readStderr(rest: string, chunk: string): StderrReading {
  const lines = (rest + chunk).split('\n');
  const last = lines.pop() ?? '';
  let listening = false;
  let overrun = false;
  let message: string | undefined;
  for (const line of lines) {
    if (line.includes('ENOBUFS')) overrun = true;
    else if (line.startsWith('NOTICE: Netlink socket buffer size')) listening = true;
    else if (line.trim() !== '') message = printable(line);
  }
  return { listening, overrun, rest: last.slice(-longestRest), message };
}

function printable(line: string): string {
  return line.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
}
