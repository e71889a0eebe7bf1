import type { Timers } from '../../daemon/mqtt/broker-port.ts';

/** Timers that a test advances. */
export function createClock() {
  let nowMs = 0;
  let waiting: { atMs: number; run: () => void }[] = [];
  const timers: Timers = {
    nowMs: () => nowMs,
    after(delayMs, run) {
      const entry = { atMs: nowMs + delayMs, run };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((each) => each !== entry);
      };
    },
  };
  const advance = (ms: number) => {
    const untilMs = nowMs + ms;
    for (;;) {
      const [entry] = waiting.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
      if (!entry) break;
      nowMs = Math.max(nowMs, entry.atMs);
      waiting = waiting.filter((each) => each !== entry);
      entry.run();
    }
    // What ran may have advanced it further.
    nowMs = Math.max(nowMs, untilMs);
  };
  return { timers, advance, waiting: () => waiting.length };
}
