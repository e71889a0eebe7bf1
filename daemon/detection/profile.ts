import type { Persistence } from './persistence.ts';
import type { PortClass } from './table.ts';
import { emptyVolume, type Volume } from './volume.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** What a device did with one group on one port class. Times are on the monotonic clock. */
export interface Acquaintance {
  firstSeenMs: number;
  lastSeenMs: number;
  /** First delivery since the last trouble: from here the quiet days of a relay on port 25 are counted. */
  deliveredAtMs: number | undefined;
  /** It is one of the device's own relays: K. */
  known: boolean;
}

/** What a device did with one group of servers. */
export interface GroupMemory {
  M: Acquaintance | undefined;
  S: Acquaintance | undefined;
  /** Hashes of the addresses contacted on M inside a provider of mailboxes, oldest first; see addresses.ts. */
  readonly addresses: number[];
}

/**
 * The evidence about one device. It is changed in place and has one owner: whoever calls {@link observe} and its
 * neighbours gives up the earlier state. A million flows a day would otherwise copy as many maps.
 */
export interface Profile {
  /** The log-likelihood ratio as of `scoredAtMs`; {@link scoreAt} gives it as of now. Never below 0. */
  score: number;
  scoredAtMs: number;
  /** By group id. At most {@link maxGroups}: the one seen longest ago goes, relays that are known last. */
  readonly groups: Map<string, GroupMemory>;
  /** The last completed handshake on a mail port. */
  handshakeAtMs: number | undefined;
  /** Moments with contacts that speak against it (N or A), in one row; see persistence.ts. */
  readonly persistence: Persistence;
  readonly volume: Volume;
}

/** The most groups that one device's memory holds. */
export const maxGroups = 64;

/** A device about which nothing is known. */
export function emptyProfile(nowMs: number): Profile {
  return {
    score: 0,
    scoredAtMs: nowMs,
    groups: new Map(),
    handshakeAtMs: undefined,
    persistence: { moments: 0, lastMs: nowMs },
    volume: emptyVolume(),
  };
}

/** Evidence loses half its weight in 14 days. */
const halfLifeMs = 14 * dayMs;

/** The score as of now. */
export function scoreAt(profile: Profile, nowMs: number): number {
  const dtMs = Math.max(0, nowMs - profile.scoredAtMs);
  return profile.score * 2 ** (-dtMs / halfLifeMs);
}

/** Adds evidence: S = max(0, S * 2^(-dt / 14 d) + llr), Page's CUSUM. Returns the scores around the step. */
export function addEvidence(profile: Profile, llr: number, nowMs: number): { before: number; after: number } {
  const before = scoreAt(profile, nowMs);
  profile.score = Math.max(0, before + llr);
  profile.scoredAtMs = Math.max(profile.scoredAtMs, nowMs);
  return { before, after: profile.score };
}

/** Groups contacted within the window on a port class where they are not known: what the tests call non-known groups. */
export function strangeGroups(profile: Profile, windowMs: number, nowMs: number): number {
  const sinceMs = nowMs - windowMs;
  let count = 0;
  for (const { M, S } of profile.groups.values()) if (isStrange(M, sinceMs) || isStrange(S, sinceMs)) count++;
  return count;
}

const isStrange = (met: Acquaintance | undefined, sinceMs: number) =>
  met !== undefined && !met.known && met.lastSeenMs >= sinceMs;

/** Facts for people (and for the fan-out arm): groups contacted, and groups met for the first time, within the window. */
export interface Reach {
  readonly groups: number;
  readonly newGroups: number;
}

/** How many groups the device contacted, on one port class or on any, within the window. */
export function reachOf(profile: Profile, windowMs: number, nowMs: number, portClass?: PortClass): Reach {
  const sinceMs = nowMs - windowMs;
  let groups = 0;
  let newGroups = 0;
  for (const group of profile.groups.values()) {
    const met = portClass ? [group[portClass]] : [group.M, group.S];
    const last = Math.max(...met.map((one) => one?.lastSeenMs ?? Number.NEGATIVE_INFINITY));
    const first = Math.min(...met.map((one) => one?.firstSeenMs ?? Number.POSITIVE_INFINITY));
    if (last >= sinceMs) groups++;
    if (first >= sinceMs && last >= sinceMs) newGroups++;
  }
  return { groups, newGroups };
}
