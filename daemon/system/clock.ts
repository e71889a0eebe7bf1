const begun = process.hrtime();

/**
 * Milliseconds of a clock that never jumps, with a fraction; its zero is the start of the process. Of hrtime, since
 * `performance` would load nine modules of Node for it.
 */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime(begun);
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** Milliseconds since 1970 as the system believes now: for display only, a router boots in 1970 and jumps at NTP. */
export function wallMs(): number {
  return Date.now();
}
