import { type Habit, habitDays, rollHabit } from './habit.ts';
import { forgetMs } from './memory.ts';
import {
  type Acquaintance,
  emptyProfile,
  type GroupMemory,
  type Profile,
  scoreAsUnknownAt,
  scoreAt,
} from './profile.ts';
import type { PortClass } from './table.ts';

/** Port class, group, seconds since first seen, since last seen, and, where one waits for its quiet days, since delivery. */
type Row = readonly [PortClass, string, number, number, number?];

/**
 * A profile at rest: about 200 bytes of JSON, and 48 for each known relay. Times are ages in whole seconds, so that
 * they mean the same on the next boot's clock. The hours' volume and exchangers' addresses are not kept.
 */
export interface ProfileSnapshot {
  /** The score as of the snapshot. */
  readonly s: number;
  /** The same as if nothing were known of the device, where that is another. */
  readonly u?: number;
  /** Since the last handshake. */
  readonly h?: number;
  /** Since the case was closed last, and whether anything spoke against the device since then. */
  readonly c?: readonly [pardonedS: number, accused: 0 | 1];
  /** What is usual: messages a day, and the days that is the mean of. */
  readonly v?: readonly [perDay: number, days: number];
  /** Known relays: all. */
  readonly k: readonly Row[];
  /** Groups that are not known: the {@link strangersKept} seen last, lest a retry after a restart be news; absent: none. */
  readonly g?: readonly Row[];
}

const strangersKept = 4;
/** More than any class may know: a file that holds more is not ours. */
const rowsRead = 32;

/** The profile as of now, in the form that is saved. */
export function toSnapshot(profile: Profile, nowMs: number): ProfileSnapshot {
  const ageS = (atMs: number) => Math.max(0, Math.round((nowMs - atMs) / 1000));
  const known: Row[] = [];
  const strange: Row[] = [];
  for (const [group, memory] of profile.groups) {
    for (const portClass of ['M', 'S'] as const) {
      const met = memory[portClass];
      if (!met) continue;
      const [first, last] = [ageS(met.firstSeenMs), ageS(met.lastSeenMs)];
      if (met.known) known.push([portClass, group, first, last]);
      else if (nowMs - met.lastSeenMs > forgetMs) continue;
      else if (met.deliveredAtMs === undefined) strange.push([portClass, group, first, last]);
      else strange.push([portClass, group, first, last, ageS(met.deliveredAtMs)]);
    }
  }
  const rounded = (score: number) => Math.round(score * 1000) / 1000;
  const s = rounded(scoreAt(profile, nowMs));
  const u = rounded(scoreAsUnknownAt(profile, nowMs));
  const g = strange.sort((a, b) => a[3] - b[3]).slice(0, strangersKept);
  const { handshakeAtMs, pardonedAtMs, accused, volume } = profile;
  rollHabit(volume.habit, nowMs);
  const { perDay, days } = volume.habit;
  return {
    s,
    ...(u !== s && { u }),
    k: known,
    ...(g.length > 0 && { g }),
    ...(handshakeAtMs !== undefined && { h: ageS(handshakeAtMs) }),
    ...(pardonedAtMs !== undefined && {
      c: [ageS(pardonedAtMs), accused ? 1 : 0] as const,
    }),
    ...(perDay >= 0.05 && { v: [Math.round(perDay * 10) / 10, days] as const }),
  };
}

/**
 * Reads a snapshot back, undefined if it is none. Rows that are not ours are left out. Where the time that passed in
 * between is known, give `nowMs` less by it.
 */
export function fromSnapshot(value: unknown, nowMs: number): Profile | undefined {
  if (!isRecord(value) || !isAge(value['s'])) return undefined;
  const profile = emptyProfile(nowMs);
  profile.score = value['s'];
  profile.scoreAsUnknown = isAge(value['u']) ? value['u'] : value['s'];
  profile.handshakeAtMs = isAge(value['h']) ? nowMs - value['h'] * 1000 : undefined;
  readCase(profile, value['c'], nowMs);
  readHabit(profile.volume.habit, value['v']);
  readRows(profile, value['k'], true, nowMs);
  readRows(profile, value['g'], false, nowMs);
  return profile;
}

function readCase(profile: Profile, value: unknown, nowMs: number): void {
  if (!Array.isArray(value) || !isAge(value[0])) return;
  profile.pardonedAtMs = nowMs - value[0] * 1000;
  profile.accused = value[1] === 1;
}

function readHabit(habit: Habit, value: unknown): void {
  if (!Array.isArray(value) || !isAge(value[0]) || !isAge(value[1])) return;
  habit.perDay = value[0];
  habit.days = Math.min(habitDays, Math.floor(value[1]));
}

function readRows(profile: Profile, rows: unknown, known: boolean, nowMs: number): void {
  if (!Array.isArray(rows)) return;
  for (const row of rows.slice(0, rowsRead)) {
    if (!Array.isArray(row)) continue;
    const [portClass, group, first, last, delivered]: unknown[] = row;
    if ((portClass !== 'M' && portClass !== 'S') || !isGroup(group) || !isAge(first) || !isAge(last))
      continue;
    const met: Acquaintance = {
      firstSeenMs: nowMs - first * 1000,
      lastSeenMs: nowMs - last * 1000,
      deliveredAtMs: isAge(delivered) ? nowMs - delivered * 1000 : undefined,
      known,
    };
    memoryOf(profile, group)[portClass] = met;
  }
}

function memoryOf(profile: Profile, group: string): GroupMemory {
  const memory = profile.groups.get(group) ?? { M: undefined, S: undefined, mailboxes: false, addresses: [] };
  profile.groups.set(group, memory);
  return memory;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isAge = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** Group ids are prefixes, providers' names and domains: nothing else comes out of a file into the state. */
const isGroup = (value: unknown): value is string =>
  typeof value === 'string' && /^[a-z0-9_.:/-]{1,64}$/.test(value);
