const hourMs = 3_600_000;

/** Counts per hour of the last `hours` hours: a ring, so that memory never grows. */
export interface Hourly {
  readonly counts: number[];
  /** Hour number (monotonic) of the newest slot. */
  newestHour: number;
}

/** A ring of zeros. */
export function newHourly(hours: number, nowMs: number): Hourly {
  return { counts: Array<number>(hours).fill(0), newestHour: Math.floor(nowMs / hourMs) };
}

/** Adds to the present hour; hours that passed meanwhile are zero. */
export function count(hourly: Hourly, amount: number, nowMs: number): void {
  roll(hourly, nowMs);
  const slot = hourly.newestHour % hourly.counts.length;
  hourly.counts[slot] = (hourly.counts[slot] ?? 0) + amount;
}

/** Adds what was counted so many hours ago; nothing where that is longer ago than the ring goes back. */
export function countAgo(hourly: Hourly, amount: number, hoursAgo: number, nowMs: number): void {
  roll(hourly, nowMs);
  const { counts, newestHour } = hourly;
  if (hoursAgo >= counts.length) return;
  const slot = (((newestHour - hoursAgo) % counts.length) + counts.length) % counts.length;
  counts[slot] = (counts[slot] ?? 0) + amount;
}

/** The sum over the whole ring. */
export function total(hourly: Hourly, nowMs: number): number {
  roll(hourly, nowMs);
  return hourly.counts.reduce((sum, value) => sum + value, 0);
}

/** The counts oldest first, the present hour last. */
export function series(hourly: Hourly, nowMs: number): number[] {
  roll(hourly, nowMs);
  const { counts, newestHour } = hourly;
  return counts.map((_, index) => counts[(newestHour + 1 + index) % counts.length] ?? 0);
}

function roll(hourly: Hourly, nowMs: number): void {
  const hour = Math.floor(nowMs / hourMs);
  const steps = Math.min(hour - hourly.newestHour, hourly.counts.length);
  for (let step = 0; step < steps; step++) hourly.counts[(hour - step) % hourly.counts.length] = 0;
  if (hour > hourly.newestHour) hourly.newestHour = hour;
}
