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
  readonly ask: (urgent: boolean, nowMs: number) => void;
  /** Whether to write now; true also books the write, so the caller must do it. Changes after it ask anew. */
  readonly take: (nowMs: number) => boolean;
  /** The write failed: what it held waits again, at the slow pace. Its place in the day's count is spent all the same. */
  readonly failed: (nowMs: number) => void;
  /** Since when something waits; undefined if nothing does. */
  readonly waitingSinceMs: () => number | undefined;
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
  let waiting: { readonly sinceMs: number; readonly urgent: boolean } | undefined;

  return {
    ask(urgent, nowMs) {
      waiting = { sinceMs: waiting?.sinceMs ?? nowMs, urgent: urgent || waiting?.urgent === true };
    },
    take(nowMs) {
      level = Math.min(capacity, level + ((nowMs - (filledMs ?? nowMs)) * capacity) / dayMs);
      filledMs = nowMs;
      if (!waiting) return false;
      const rested = nowMs - lastMs >= (waiting.urgent ? limits.urgentRestMs : limits.restMs);
      if (!rested || level < 1 + (waiting.urgent ? 0 : reserve)) return false;
      level--;
      lastMs = nowMs;
      waiting = undefined;
      return true;
    },
    failed(nowMs) {
      waiting = { sinceMs: waiting?.sinceMs ?? nowMs, urgent: waiting?.urgent ?? false };
    },
    waitingSinceMs: () => waiting?.sinceMs,
  };
}
