import { performance } from 'node:perf_hooks';

/** Milliseconds of a clock that never jumps, with a fraction; its zero is the start of the process. */
export function monotonicMs(): number {
  return performance.now();
}

/** Milliseconds since 1970 as the system believes now: for display only, a router boots in 1970 and jumps at NTP. */
export function wallMs(): number {
  return Date.now();
}
