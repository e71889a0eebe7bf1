/** The most lines that are read of a file or a tool's output; the rest is dropped and counted. */
export const maxLines = 4096;
/** A longer line is dropped: no row of ours comes near. */
const maxLineLength = 512;

/** Rows that a text held, and how many lines were dropped because they could not be read or were too many. */
export interface Parsed<Row> {
  readonly rows: readonly Row[];
  readonly dropped: number;
}

/** What a line is: a row, nothing of interest (a headline, an entry without an address), or unreadable. */
export type LineResult<Row> = Row | 'skip' | undefined;

/** Reads a text line by line within the bounds. Empty lines are nothing. */
export function parseLines<Row>(text: string, parseLine: (line: string) => LineResult<Row>): Parsed<Row> {
  const rows: Row[] = [];
  let dropped = 0;
  let lines = 0;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = end - start > maxLineLength ? undefined : text.slice(start, end).trim();
    start = end + 1;
    if (line === '') continue;
    const row = line === undefined || ++lines > maxLines ? undefined : parseLine(line);
    if (row === undefined) dropped++;
    else if (row !== 'skip') rows.push(row);
  }
  return { rows, dropped };
}
