import type { ReplayFlow } from './replay-flow.ts';

/** What a line was: a mail flow or part of one, something else that the format has, or nothing that can be read. */
export type LineKind = 'mail' | 'other' | 'unreadable';

/** Reads the lines of one log in order. Never throws, whatever the bytes. */
export interface LogParser {
  /** Takes in one line without its line end; flows that it completes go to `give`. */
  line(text: string, give: (flow: ReplayFlow) => void): LineKind;
  /** The log is over: gives the flows whose end it does not show. */
  end(give: (flow: ReplayFlow) => void): void;
}

/** One kind of log. */
export interface LogFormat {
  /** For people: `Zeek conn.log (TSV)`. */
  readonly title: string;
  /** Whether a file that begins with these lines (at most {@link linesForRecognition}, none empty) is one. */
  recognises(lines: readonly string[]): boolean;
  /** The time of a line, seconds since the epoch; undefined where it has none. Files are opened in this order. */
  timeOf(line: string): number | undefined;
  open(): LogParser;
}

/** The first lines of a file by which its format is told. */
export const linesForRecognition = 32;

/** For formats of which each line is a whole flow. */
export const nothingLeft = (): void => undefined;
