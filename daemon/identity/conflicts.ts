import type { DeviceKey } from '../address/device-key.ts';

/** Something about who is who that cannot be true of honest devices, or only of an extender. */
export type Conflict =
  /** Two MACs speak from one address in turns. */
  | {
      readonly kind: 'address';
      readonly address: string;
      readonly keys: readonly [DeviceKey, DeviceKey];
      readonly sinceMs: number;
      readonly lastMs: number;
    }
  /** One MAC is alive on two interfaces. */
  | {
      readonly kind: 'interfaces';
      readonly keys: readonly [DeviceKey];
      readonly interfaces: readonly [string, string];
      readonly sinceMs: number;
      readonly lastMs: number;
    };

/** By an id of our own; at most {@link maxConflicts}, the oldest goes. */
export type Conflicts = Map<string, Conflict>;

const maxConflicts = 64;
/** A conflict that was not seen again for so long is over. */
const conflictEndMs = 3_600_000;

/** Notes a conflict, or that it goes on: it keeps its beginning. */
export function noteConflict(conflicts: Conflicts, id: string, conflict: Conflict): void {
  const sinceMs = conflicts.get(id)?.sinceMs ?? conflict.sinceMs;
  conflicts.delete(id);
  if (conflicts.size >= maxConflicts) {
    const oldest = conflicts.keys().next();
    if (!oldest.done) conflicts.delete(oldest.value);
  }
  conflicts.set(id, { ...conflict, sinceMs });
}

/** A phone that walks from one network to the other is alive on both for as long as the old entry is believed. */
const walkMs = 60_000;

/** The conflicts in force, or those of one device. Two interfaces count only once they are more than a walk. */
export function conflictsOf(conflicts: Conflicts, key?: DeviceKey): Conflict[] {
  return [...conflicts.values()].filter(
    ({ kind, keys, sinceMs, lastMs }) =>
      (key === undefined || keys.some((one) => one === key)) &&
      (kind === 'address' || lastMs - sinceMs >= walkMs),
  );
}

/** Forgets what was not seen again. */
export function endConflicts(conflicts: Conflicts, nowMs: number): void {
  for (const [id, { lastMs }] of conflicts) if (nowMs - lastMs > conflictEndMs) conflicts.delete(id);
}
