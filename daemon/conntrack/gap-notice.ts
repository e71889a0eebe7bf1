/** Why events may be missing. */
export type GapReason =
  /** The kernel's queue to conntrack overran; conntrack goes on. */
  | 'enobufs'
  /** conntrack ended after it had listened. */
  | 'exit'
  /** conntrack could not be started, or ended before it listened. */
  | 'start-failed'
  /** We restarted it ourselves, with another filter. */
  | 'resync';

/** What the notice needs of the world. Times are monotonic milliseconds. */
export interface NoticePorts {
  schedule(delayMs: number, then: () => void): () => void;
  now(): number;
}

const perMs = 1_000;

/**
 * Tells of gaps at most once a second: the first at once, and what comes within a second of it together at the
 * second's end, with the latest reason. Nothing is swallowed: after the last loss there is always one more telling.
 */
export function gapNotice(
  ports: NoticePorts,
  tell: (reason: GapReason, detail: string) => void,
): { note(reason: GapReason, detail: string): void; stop(): void } {
  let toldMs = Number.NEGATIVE_INFINITY;
  let waiting: { reason: GapReason; detail: string } | undefined;
  let cancel: (() => void) | undefined;
  const flush = () => {
    cancel = undefined;
    const gap = waiting;
    waiting = undefined;
    if (!gap) return;
    toldMs = ports.now();
    tell(gap.reason, gap.detail);
  };
  return {
    note(reason, detail) {
      waiting = { reason, detail };
      const restMs = toldMs + perMs - ports.now();
      if (restMs <= 0) flush();
      else cancel ??= ports.schedule(restMs, flush);
    },
    stop() {
      cancel?.();
      waiting = undefined;
    },
  };
}
