/** What holds a device: the name of its set in the kernel, strongest last. */
export const holds = ['slowed', 'restricted', 'blocked', 'quarantined'] as const;
export type Hold = (typeof holds)[number];

/** A hold in force. Times are monotonic milliseconds. */
export interface Ban {
  readonly hold: Hold;
  readonly sinceMs: number;
  /** Absent: until somebody releases it; infinite: until the router restarts. */
  readonly endMs?: number;
  /** Of one that an earlier boot left: its end by the wall clock, which counts once that is set. */
  readonly endWallMs?: number | undefined;
  /** Who asked for it: automatic bans count against `max_bans`. `remote` is a person over MQTT, or whoever has the login. */
  readonly origin: 'auto' | 'user' | 'remote';
  /** Short because only SYNs speak for it, which anybody on the network can forge; see {@link confirm}. */
  readonly provisional: boolean;
}

/** How often a device was held before: bans grow with it. */
export interface BanHistory {
  /** Index of the next duration in {@link banDurationsMs}. */
  readonly level: number;
  /** When the last ban ended or was lifted. */
  readonly quietSinceMs?: number;
}

const hourMs = 3_600_000;
/** 1 h, 6 h, 24 h, 7 days. */
export const banDurationsMs = [hourMs, 6 * hourMs, 24 * hourMs, 168 * hourMs] as const;
/** A restrict that rests on SYNs alone. */
export const provisionalMs = 600_000;
/** Without trouble for so long, bans start over. */
export const forgiveAfterMs = 30 * 24 * hourMs;

export const noHistory: BanHistory = { level: 0 };

/** Whether `a` is the stronger hold. */
export function isStronger(a: Hold, b: Hold | undefined): boolean {
  return b === undefined || holds.indexOf(a) > holds.indexOf(b);
}

/** The duration of the ban that the history grew by last: a stronger hold in the same incident lasts no longer a time. */
export function lastDuration(history: BanHistory): number {
  return banDurationsMs[Math.max(0, Math.min(history.level, banDurationsMs.length) - 1)] ?? hourMs;
}

/** The duration of the next automatic ban and the history after it. */
export function nextBan(history: BanHistory, nowMs: number): { durationMs: number; history: BanHistory } {
  const forgiven = history.quietSinceMs !== undefined && nowMs - history.quietSinceMs >= forgiveAfterMs;
  const level = forgiven ? 0 : history.level;
  const durationMs = banDurationsMs[Math.min(level, banDurationsMs.length - 1)] ?? hourMs;
  return { durationMs, history: { level: Math.min(level + 1, banDurationsMs.length) } };
}

/** A provisional ban that proved right (a handshake completed, or attempts go on) gets its full duration. */
export function confirm(ban: Ban, durationMs: number, nowMs: number): Ban {
  return {
    ...ban,
    provisional: false,
    endWallMs: undefined,
    endMs: Math.max(ban.endMs ?? 0, nowMs + durationMs),
  };
}
