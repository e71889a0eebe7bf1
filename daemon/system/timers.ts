import type { Timers } from '../mqtt/broker-port.ts';
import { monotonicMs } from './clock.ts';

/** Node's monotonic clock and timers. A waiting timer does not keep the process alive. */
export const systemTimers: Timers = {
  nowMs: monotonicMs,
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
