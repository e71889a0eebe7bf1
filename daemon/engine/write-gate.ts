/** How often the state may be written. Flash wears out, and an attacker chooses how often something happens. */
export interface WriteLimits {
  /** Between two writes. */
  readonly restMs: number;
  /** Between two writes of which the later is urgent. */
  readonly urgentRestMs: number;
  /** In any 24 hours, whatever happens. */
  readonly perDay: number;
  /** Of those, how many only urgent writes may use. */
  readonly urgentShare: number;
}

export const writeLimits: WriteLimits = {
  restMs: 60_000,
  urgentRestMs: 5000,
  perDay: 100,
  urgentShare: 0.2,
};

const dayMs = 86_400_000;

/** Says when to write. Times are monotonic milliseconds. */
export interface WriteGate {
  /** Something changed that should outlive a crash. `urgent`: a ban began or ended. */
  readonly ask: (urgent: boolean) => void;
  /**
   * Whether to write now (`force`: if anything waits at all); true also books the write, so the caller must do it. Changes
   * after it ask anew.
   */
  readonly take: (nowMs: number, force?: boolean) => boolean;
  /** How many writes are left, to be kept with what is written. */
  readonly left: () => number;
  /** Goes on with what an earlier run had left so long ago, by whatever clock: a start is no new day. */
  readonly resume: (left: number, agoMs: number) => void;
  /** The write failed: what it held waits again, at the slow pace. Its place in the day's count is spent all the same. */
  readonly failed: () => void;
}

/**
 * A bucket that holds half a day's writes and gets the other half over the day: so at most `perDay` in any 24 hours,
 * and yet, once it is empty, one more every half hour instead of a day of silence. The last of it is kept for bans.
 */
export function createWriteGate(limits: WriteLimits = writeLimits): WriteGate {
  const capacity = Math.floor(limits.perDay / 2);
  const reserve = capacity * limits.urgentShare;
  let level = capacity;
  let filledMs: number | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  let waiting: 'urgent' | 'slow' | undefined;

  return {
    ask(urgent) {
      waiting = urgent || waiting === 'urgent' ? 'urgent' : 'slow';
    },
    take(nowMs, force = false) {
      level = Math.min(capacity, level + ((nowMs - (filledMs ?? nowMs)) * capacity) / dayMs);
      filledMs = nowMs;
      if (!waiting) return false;
      const isUrgent = waiting === 'urgent';
      const rested = nowMs - lastMs >= (isUrgent ? limits.urgentRestMs : limits.restMs);
      if (!force && (!rested || level < 1 + (isUrgent ? 0 : reserve))) return false;
      level = Math.max(0, level - 1);
      lastMs = nowMs;
      waiting = undefined;
      return true;
    },
    left: () => Math.floor(level * 100) / 100,
    resume(left, agoMs) {
      level = Math.min(capacity, left + (Math.max(0, agoMs) * capacity) / dayMs);
    },
    failed() {
      waiting ??= 'slow';
    },
  };
}
