/** When something happened: monotonic and wall clock, milliseconds. */
export interface Instant {
  readonly nowMs: number;
  readonly wallMs: number;
}

/** A time in which the history was kept, in minutes since 1970, the last one not included. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** The wall clock was set: at this minute, by the new clock, by so many minutes forward. */
export interface Jump {
  readonly at: number;
  readonly by: number;
}

/** Before this the clock was never set: 2024-01-01, in minutes. */
export const plausibleMinute = 28_401_120;
/** After a start the first setting of the clock explains what it showed before; later ones may have any reason. */
const settlingMs = 30 * 60_000;
/** NTP slews what is less. */
const leastJumpMs = 90_000;
const maxRuns = 64;
const maxJumps = 8;
/** Between two runs so much is a restart and no gap. Minutes. */
const restartMinutes = 3;

/** Minutes since 1970 of a wall-clock time. */
export const minuteOf = (wallMs: number) => Math.max(0, Math.floor(wallMs / 60_000));

/** Whether the minute is one that a clock which was set can show. */
export const isPlausible = (minute: number) => minute >= plausibleMinute;

/** What the clock did, and when the history was kept. */
export class Timeline {
  /** Runs before this one, oldest first; at most {@link maxRuns}, the oldest goes. */
  readonly #earlier: Run[];
  /** At most {@link maxJumps}, the oldest goes. */
  readonly jumps: Jump[];
  readonly #startMs: number;
  #last: Instant;

  constructor(start: Instant, earlier: readonly Run[] = [], jumps: readonly Jump[] = []) {
    this.#startMs = start.nowMs;
    this.#last = start;
    this.#earlier = [...earlier];
    this.jumps = [...jumps];
  }

  /** Whether what was noted so far may get another time, when the clock is set. */
  get isUnsure(): boolean {
    return this.#last.nowMs - this.#startMs < settlingMs || !isPlausible(minuteOf(this.#last.wallMs));
  }

  /** The clock now. Returns by how many minutes what was noted in this run has to move. */
  tick(at: Instant): number {
    const wasUnsure = at.nowMs - this.#startMs < settlingMs || !isPlausible(minuteOf(this.#last.wallMs));
    const jumpMs = at.wallMs - this.#last.wallMs - (at.nowMs - this.#last.nowMs);
    this.#last = at;
    if (Math.abs(jumpMs) < leastJumpMs) return 0;
    const by = Math.round(jumpMs / 60_000);
    if (wasUnsure) return by;
    this.jumps.push({ at: minuteOf(at.wallMs), by });
    if (this.jumps.length > maxJumps) this.jumps.shift();
    return 0;
  }

  /** Whether the clock was set, as far as one can tell. */
  get isSet(): boolean {
    return isPlausible(minuteOf(this.#last.wallMs));
  }

  /** The present minute. */
  get minute(): number {
    return minuteOf(this.#last.wallMs);
  }

  /** All runs, oldest first, the present one last. Its start is told by the present clock. */
  get runs(): readonly Run[] {
    const to = this.minute + 1;
    const from = Math.min(to - 1, minuteOf(this.#last.wallMs - (this.#last.nowMs - this.#startMs)));
    if (!this.isSet) return this.#earlier;
    const last = this.#earlier.at(-1);
    const isGoingOn = last !== undefined && from - last.to <= restartMinutes && from >= last.from;
    const all = isGoingOn
      ? [...this.#earlier.slice(0, -1), { from: last.from, to: Math.max(last.to, to) }]
      : [...this.#earlier, { from, to }];
    return all.slice(-maxRuns);
  }
}
