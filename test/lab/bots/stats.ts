/** What an actor did so far; it prints this as a JSON line every 200 ms and, with `done`, at its end. */
export interface Stats {
  /** Connections begun. */
  attempts: number;
  /** Connections that were established. */
  connected: number;
  /** Messages that the other side said it accepted. */
  accepted: number;
  /** Established connections that were reset. */
  resets: number;
  /** Errors by kind: ECONNREFUSED, ECONNRESET, timeout, 451, 550, ... */
  errors: Record<string, number>;
  /** Wall clock in ms; 0 until it happens. */
  startedAtMs: number;
  lastAcceptedAtMs: number;
  lastResetAtMs: number;
  done: boolean;
}

/** Fresh statistics. */
export function newStats(): Stats {
  return {
    ...{ attempts: 0, connected: 0, accepted: 0, resets: 0, errors: {}, startedAtMs: Date.now() },
    ...{ lastAcceptedAtMs: 0, lastResetAtMs: 0, done: false },
  };
}

/** Counts one message that was accepted just now. */
export function countAccepted(stats: Stats): void {
  stats.accepted += 1;
  stats.lastAcceptedAtMs = Date.now();
}

/** Counts an error by its kind; a reset only where a connection had been established. */
export function countError(stats: Stats, kind: string, wasConnected: boolean): void {
  stats.errors[kind] = (stats.errors[kind] ?? 0) + 1;
  if (kind !== 'ECONNRESET' || !wasConnected) return;
  stats.resets += 1;
  stats.lastResetAtMs = Date.now();
}

/** The actor's arguments: the one JSON argument that the lab gives it. */
export function readArgs<Args>(): Args {
  return JSON.parse(process.argv[2] ?? '{}') as Args;
}

const graceMs = 500;

/**
 * Runs an actor: prints its statistics while `work` goes on, and a last time when it is over, or when somebody
 * sends SIGTERM. `work` begins nothing new after `durationS`; what is open half a second later is given up.
 */
export async function runActor<S extends { done: boolean }>(
  stats: S,
  durationS: number,
  work: () => Promise<void>,
): Promise<void> {
  const print = () => console.log(JSON.stringify(stats));
  const ticker = setInterval(print, 200);
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  process.once('SIGTERM', stop);
  setTimeout(stop, durationS * 1000 + graceMs);
  await Promise.race([work(), stopped]);
  clearInterval(ticker);
  stats.done = true;
  process.stdout.write(`${JSON.stringify(stats)}\n`, () => process.exit(0));
}
