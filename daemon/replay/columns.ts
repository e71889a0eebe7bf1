/** The column's text, counted from 0, found without cutting the others; undefined where the line has fewer columns. */
export function columnOf(line: string, separator: string, column: number): string | undefined {
  let from = 0;
  for (let passed = 0; passed < column; passed++) {
    const next = line.indexOf(separator, from);
    if (next < 0) return undefined;
    from = next + separator.length;
  }
  const end = line.indexOf(separator, from);
  return end < 0 ? line.slice(from) : line.slice(from, end);
}

/** A row of a table with named columns. */
export type Row = (name: string) => string | undefined;

/** Where each column is, by its name in lower case. */
export type Header = ReadonlyMap<string, number>;

/** Reads a heading. A name that comes twice is the first column of it. */
export function headerOf(names: readonly string[]): Header {
  const header = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    const key = name.trim().toLowerCase();
    if (!header.has(key)) header.set(key, index);
  }
  return header;
}

/** Reads the row's cells by their columns' names. */
export function rowOf(header: Header, cells: readonly string[]): Row {
  return (name) => {
    const column = header.get(name);
    return column === undefined ? undefined : cells[column]?.trim();
  };
}
