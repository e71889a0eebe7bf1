import type { Fields } from './fields.ts';
import { table } from './table.ts';
import { spokenTime } from './times.ts';

const hourMs = 3_600_000;
/** What is counted, as the daemon calls it and as the table does. */
const columns = [
  ['connections', 'CONNECTIONS'],
  ['suspicious', 'SUSPICIOUS'],
  ['refused', 'REFUSED'],
] as const;

/** Mail by the hour, oldest first; hours without any are left out. The daemon's hours are not the clock's, so each is named by its hour. */
export function renderHistory(history: Fields): string {
  const counted = columns.filter(([name]) => history.has(name));
  const counts = counted.map(([name]) => history.texts(name).map(Number));
  const hours = counts[0]?.length ?? 0;
  const untilMs = Date.parse(history.text('until'));
  const rows = Array.from({ length: hours }, (_, index) => {
    const atMs = untilMs - (hours - 1 - index) * hourMs;
    return { atMs, row: counts.map((series) => series[index] || 0) };
  }).filter(({ row }) => row.some((count) => count > 0));
  if (rows.length === 0) return `No mail connections in the last ${hours} hours, as far as is known.`;
  return table(
    ['HOUR', ...counted.map(([, heading]) => heading)],
    rows.map(({ atMs, row }) => [hourOf(atMs), ...row.map(String)]),
  );
}

function hourOf(atMs: number): string {
  if (!Number.isFinite(atMs)) return '';
  return spokenTime(new Date(Math.floor(atMs / hourMs) * hourMs).toISOString());
}
