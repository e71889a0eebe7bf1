import { mailPorts } from './flow.ts';

/** A line longer than this is dropped: conntrack's longest is some 400 characters. */
export const longestLine = 1024;

const marks = mailPorts.map((port) => ` dport=${port} `);

/** What is carried from one chunk of the stream to the next. Bounded by {@link longestLine}. */
export interface LineRest {
  /** The beginning of a line whose end did not come yet. */
  readonly tail: string;
  /** The tail belongs to an overlong line: skip to its end. */
  readonly skipping: boolean;
}

/** At the start of a stream. */
export const noRest: LineRest = { tail: '', skipping: false };

/** What one chunk gave. */
export interface MailLines {
  /** Whole lines that name a mail port as a destination port, without their line ends, in order. */
  readonly lines: readonly string[];
  readonly rest: LineRest;
  /** How many lines that might have been mail were dropped for being too long. */
  readonly overlong: number;
}

/**
 * Cuts the lines that may be mail out of a chunk of conntrack's output (latin1 text).
 *
 * On a busy router nearly all lines are not mail, so lines are not cut first: each mark (` dport=25 `, …) is
 * searched for in the whole chunk by the engine's native search, and only the lines around hits are made. What is
 * kept may still be no mail (a reply's destination port): the parser decides.
 */
export function splitMailLines(rest: LineRest, chunk: string): MailLines {
  const text = rest.tail + chunk;
  const end = text.lastIndexOf('\n') + 1;
  if (end === 0) return { lines: [], ...restOf(text, 0, rest.skipping) };
  const from = rest.skipping ? text.indexOf('\n') + 1 : 0;
  const lines: string[] = [];
  let overlong = 0;
  for (const [start, stop] of linesAround(text, from, end)) {
    if (stop - start > longestLine) overlong++;
    else lines.push(text.slice(start, stop));
  }
  const { rest: next, overlong: more } = restOf(text, end, false);
  return { lines, rest: next, overlong: overlong + more };
}

/** The unfinished last line, unless it is already longer than a line may be. */
function restOf(text: string, start: number, skipping: boolean): { rest: LineRest; overlong: number } {
  if (skipping) return { rest: { tail: '', skipping: true }, overlong: 0 };
  if (text.length - start > longestLine) return { rest: { tail: '', skipping: true }, overlong: 1 };
  return { rest: { tail: text.slice(start), skipping: false }, overlong: 0 };
}

/** Start and end (without the line end) of each line between `from` and `end` that holds a mark, in order. */
function linesAround(text: string, from: number, end: number): readonly (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  for (const mark of marks) {
    let at = text.indexOf(mark, from);
    while (at >= 0 && at < end) {
      const stop = text.indexOf('\n', at);
      if (stop < 0) break;
      found.push([Math.max(from, text.lastIndexOf('\n', at) + 1), stop]);
      at = text.indexOf(mark, stop);
    }
  }
  if (found.length < 2) return found;
  found.sort(([a], [b]) => a - b);
  return found.filter(([start], index) => index === 0 || start !== found[index - 1]?.[0]);
}
