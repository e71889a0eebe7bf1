const widestCell = 40;

/** Lines of a table: a heading, then rows, columns aligned and parted by two spaces. Long cells are cut. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heading, ...rows].map((row) => row.map(cut));
  const widths = heading.map((_, column) => Math.max(...all.map((row) => lengthOf(row[column] ?? ''))));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - lengthOf(cell))))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Lines of `name  value`, leaving out those without a value. */
export function pairs(rows: readonly (readonly [name: string, value: string])[]): string {
  const given = rows.filter(([, value]) => value !== '');
  const width = Math.max(0, ...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

/** Characters as people count them, nearly: wide ones count as one. */
function lengthOf(text: string): number {
  return [...text].length;
}

function cut(text: string): string {
  const characters = [...text];
  return characters.length <= widestCell ? text : `${characters.slice(0, widestCell - 1).join('')}…`;
}
