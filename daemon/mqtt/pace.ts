import type { Timers } from './broker-port.ts';

/** No second has more messages than this, once the broker knows all that it should. */
export const messagesPerSecond = 10;

/** Keeps a stream of messages to a pace. */
export interface Pace {
  /** Whether the next one has to wait; `resume` is called when its time has come. */
  readonly isSpent: () => boolean;
  /** One was sent. */
  readonly count: () => void;
}

/** A pace of at most {@link messagesPerSecond} in any second. */
export function createPace(timers: Timers, resume: () => void): Pace {
  /** When the last ones were sent, oldest first; at most {@link messagesPerSecond}. */
  let sentMs: number[] = [];
  let isWaiting = false;
  return {
    isSpent() {
      const [oldest = 0] = sentMs;
      const leftMs = oldest + 1000 - timers.nowMs();
      if (sentMs.length < messagesPerSecond || leftMs <= 0) return false;
      if (isWaiting) return true;
      isWaiting = true;
      timers.after(leftMs, () => {
        isWaiting = false;
        resume();
      });
      return true;
    },
    count() {
      sentMs = [...sentMs, timers.nowMs()].slice(-messagesPerSecond);
    },
  };
}
