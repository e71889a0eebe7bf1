/** When to try again: doubles from the first delay to the longest, with jitter. */
export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * The delay in milliseconds before try number `failures` (1 for the first), between half of its step and the whole,
 * so that things which failed together do not come back together.
 *
 * @param random a number from 0 up to 1
 */
export function delayMs(backoff: Backoff, failures: number, random: number): number {
  const step = Math.min(backoff.longestMs, backoff.firstMs * 2 ** Math.min(failures - 1, 30));
  return step * (0.5 + random / 2);
}
