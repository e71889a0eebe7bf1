/** Moments at which a device gave evidence against itself, each some seconds after the last. */
export interface Persistence {
  moments: number;
  lastMs: number;
}

/** Contacts within so long of a moment belong to it, however many they are: a burst of forged SYNs is one moment. */
const momentMs = 10_000;
/** After a longer pause the row begins again. */
const pauseMs = 3_600_000;
/** Moments from which on attempts go on. */
const goingOnMoments = 3;

/** Notes a contact that speaks against the device. */
export function notePersistence(persistence: Persistence, nowMs: number): void {
  const sinceMs = nowMs - persistence.lastMs;
  if (persistence.moments > 0 && sinceMs < momentMs) return;
  persistence.moments = sinceMs > pauseMs ? 1 : persistence.moments + 1;
  persistence.lastMs = nowMs;
}

/** Whether attempts go on: three moments, none an hour after the one before, the last within the window. */
export function goesOn({ moments, lastMs }: Persistence, windowMs: number, nowMs: number): boolean {
  return moments >= goingOnMoments && nowMs - lastMs <= windowMs;
}
