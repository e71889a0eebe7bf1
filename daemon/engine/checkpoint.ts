import { mergeProfile } from '../detection/merge.ts';
import type { Profile } from '../detection/profile.ts';
import type { Ban, BanHistory } from '../policy/ban.ts';

/** What evidence can change of a device. */
interface Judged {
  profile: Profile;
  ban: Ban | undefined;
  history: BanHistory;
  incident: string | undefined;
  /** Before evidence that may prove to be an outage's, oldest first; see {@link noteUnproven}. */
  unproven: readonly Checkpoint[];
}

/** A device as it was before a piece of evidence. */
export interface Checkpoint extends Readonly<Omit<Judged, 'unproven'>> {
  /** When that evidence came. */
  readonly atMs: number;
}

/** The device as it is now; the profile is a copy. */
function checkpointOf({ profile, ban, history, incident }: Judged, nowMs: number): Checkpoint {
  return { atMs: nowMs, profile: structuredClone(profile), ban, history, incident };
}

/**
 * Notes a contact that is about to be taken as evidence. At most two checkpoints are needed, however many contacts come:
 * one before the first that is unproven, and one before the first since the last reading, from where the unproven ones
 * begin when the next reading proves those before.
 */
export function noteUnproven(record: Judged, readMs: number, nowMs: number): void {
  const [oldest, latest] = record.unproven;
  if (!oldest) record.unproven = [checkpointOf(record, nowMs)];
  else if ((latest ?? oldest).atMs <= readMs) record.unproven = [oldest, checkpointOf(record, nowMs)];
}

/** The checkpoint of two records that are to be one: each as it was, or as it is where all of it is proven. */
export function mergedCheckpoint(into: Judged, from: Judged, nowMs: number): readonly Checkpoint[] {
  const [one, other] = [into.unproven[0], from.unproven[0]];
  if (!one && !other) return [];
  const point = one ?? checkpointOf(into, nowMs);
  const added = other ?? checkpointOf(from, nowMs);
  mergeProfile(point.profile, added.profile, nowMs);
  return [{ ...point, atMs: Math.min(point.atMs, added.atMs) }];
}

/** Drops the checkpoints of what is proven: something arrived after every contact made until `provenMs`. */
export function dropProven(record: Judged, provenMs: number): void {
  const [oldest, latest] = record.unproven;
  if (!oldest || oldest.atMs > provenMs) return;
  record.unproven = latest && latest.atMs > provenMs ? [latest] : [];
}

/**
 * Undoes the evidence since the checkpoint: score, groups met, persistence. What is no evidence stays: how much the
 * device sent, and relays that became its own meanwhile, by a message that had gone through before.
 */
export function restoreProfile(record: Judged, { profile }: Checkpoint): void {
  for (const [id, { M, S }] of record.profile.groups) {
    const before = profile.groups.get(id);
    if (before && M?.known && !before.M?.known) before.M = M;
    if (before && S?.known && !before.S?.known) before.S = S;
  }
  record.profile = { ...profile, volume: record.profile.volume };
}
