import type { Persistence } from './persistence.ts';
import type { PortClass } from './table.ts';
import { emptyVolume, type Volume } from './volume.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** What a device did with one group on one port class. Times are on the monotonic clock. */
export interface Acquaintance {
  firstSeenMs: number;
  lastSeenMs: number;
  /** First delivery since the last trouble: from here the quiet days of a relay on port 25 are counted, and habit on submission. */
  deliveredAtMs: number | undefined;
  /** It is one of the device's own relays: K. */
  known: boolean;
}

/** What a device did with one group of servers. */
export interface GroupMemory {
  M: Acquaintance | undefined;
  S: Acquaintance | undefined;
  /** Everybody's mail goes there: on port 25 it is nobody's relay. */
  mailboxes: boolean;
  /** Hashes of the addresses contacted on M inside a provider of mailboxes, oldest first; see memory.ts. */
  readonly addresses: number[];
}

/**
 * The evidence about one device. It is changed in place and has one owner: whoever calls {@link observe} and its
 * neighbours gives up the earlier state. A million flows a day would otherwise copy as many maps.
 */
export interface Profile {
  /** The log-likelihood ratio as of `scoredAtMs`; {@link scoreAt} gives it as of now. Never below 0. */
  score: number;
  /** What the score would be if nothing were known of the device: where its class is a guess, this has to ask for a block, too. */
  scoreAsUnknown: number;
  scoredAtMs: number;
  /** By group id. At most {@link maxGroups}: the one seen longest ago goes, relays that are known last. */
  readonly groups: Map<string, GroupMemory>;
  /** The last completed handshake on a mail port. */
  handshakeAtMs: number | undefined;
  /** Moments with contacts that speak against it (N or A), in one row; see persistence.ts. */
  readonly persistence: Persistence;
  readonly volume: Volume;
  /** When a release or the end of a ban last closed the case; undefined: never. */
  pardonedAtMs: number | undefined;
  /** Whether anything spoke against the device since then. */
  accused: boolean;
}

/** The most groups that one device's memory holds. */
export const maxGroups = 64;

/** A device about which nothing is known. */
export function emptyProfile(nowMs: number): Profile {
  return {
    score: 0,
    scoreAsUnknown: 0,
    scoredAtMs: nowMs,
    groups: new Map(),
    handshakeAtMs: undefined,
    persistence: { moments: 0, lastMs: nowMs },
    volume: emptyVolume(nowMs),
    pardonedAtMs: undefined,
    accused: false,
  };
}

/** Evidence loses half its weight in 14 days. */
const halfLifeMs = 14 * dayMs;

/** How much of a score is left by now. */
function fading(profile: Profile, nowMs: number): number {
  return 2 ** (-Math.max(0, nowMs - profile.scoredAtMs) / halfLifeMs);
}

/** The score as of now. */
export function scoreAt(profile: Profile, nowMs: number): number {
  return profile.score * fading(profile, nowMs);
}

/** The same, as if nothing were known of the device. */
export function scoreAsUnknownAt(profile: Profile, nowMs: number): number {
  return profile.scoreAsUnknown * fading(profile, nowMs);
}

/**
 * Adds evidence: S = max(0, S * 2^(-dt / 14 d) + llr), Page's CUSUM. Returns the scores around the step.
 *
 * @param llrAsUnknown what it says of a device of unknown class
 */
export function addEvidence(
  profile: Profile,
  llr: number,
  nowMs: number,
  llrAsUnknown = llr,
): { before: number; after: number } {
  const before = scoreAt(profile, nowMs);
  profile.scoreAsUnknown = Math.max(0, scoreAsUnknownAt(profile, nowMs) + llrAsUnknown);
  profile.score = Math.max(0, before + llr);
  profile.scoredAtMs = Math.max(profile.scoredAtMs, nowMs);
  if (llr > 0) profile.accused = true;
  return { before, after: profile.score };
}

/** Takes back evidence of that time, as much as is left of it: what it was taken for turned out to be innocent. */
export function takeBack(profile: Profile, llr: number, atMs: number, nowMs: number): void {
  addEvidence(profile, -leftOf(llr, atMs, nowMs), nowMs);
}

/** What evidence of that time still weighs. */
export function leftOf(llr: number, atMs: number, nowMs: number): number {
  return llr * 2 ** (-Math.max(0, nowMs - atMs) / halfLifeMs);
}

/** Closes the case: of the score no more than `left` stays, and by itself that holds nobody. */
export function pardon(profile: Profile, left: number, nowMs: number): void {
  profile.scoreAsUnknown = Math.min(left, scoreAsUnknownAt(profile, nowMs));
  profile.score = Math.min(left, scoreAt(profile, nowMs));
  profile.scoredAtMs = nowMs;
  profile.pardonedAtMs = nowMs;
  profile.accused = false;
}

/**
 * Groups contacted within the window on a port class where they are strange: not known, and on submission never yet
 * delivered to, since a login that works there is no stranger's.
 */
export function strangeGroups(profile: Profile, windowMs: number, nowMs: number): number {
  const sinceMs = nowMs - windowMs;
  let count = 0;
  for (const group of profile.groups.values()) if (isStrangeGroup(group, sinceMs)) count++;
  return count;
}

/** The same of one port class alone: whether a device roams on it. */
export function strangeGroupsOn(
  profile: Profile,
  portClass: PortClass,
  windowMs: number,
  nowMs: number,
): number {
  const sinceMs = nowMs - windowMs;
  const isCounted = portClass === 'M' ? isStrangeRelay : isStrangeService;
  let count = 0;
  for (const group of profile.groups.values()) if (isCounted(group, sinceMs)) count++;
  return count;
}

/** The ids of those groups, and which of them are everybody's mailboxes. */
export function strangers(profile: Profile, windowMs: number, nowMs: number): Map<string, boolean> {
  const sinceMs = nowMs - windowMs;
  const found = new Map<string, boolean>();
  for (const [id, group] of profile.groups)
    if (isStrangeGroup(group, sinceMs)) found.set(id, group.mailboxes);
  return found;
}

const isStrangeGroup = (group: GroupMemory, sinceMs: number) =>
  isStrangeRelay(group, sinceMs) || isStrangeService(group, sinceMs);

const isStrangeRelay = ({ M }: GroupMemory, sinceMs: number) => isStrange(M, sinceMs);

const isStrangeService = ({ S }: GroupMemory, sinceMs: number) =>
  isStrange(S, sinceMs) && S?.deliveredAtMs === undefined;

const isStrange = (met: Acquaintance | undefined, sinceMs: number) =>
  met !== undefined && !met.known && met.lastSeenMs >= sinceMs;

/** Groups contacted within the window on any port class: a fact for people. */
export function groupsWithin(profile: Profile, windowMs: number, nowMs: number): number {
  const sinceMs = nowMs - windowMs;
  let count = 0;
  for (const { M, S } of profile.groups.values())
    if ((M && M.lastSeenMs >= sinceMs) || (S && S.lastSeenMs >= sinceMs)) count++;
  return count;
}
