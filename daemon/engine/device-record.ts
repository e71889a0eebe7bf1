import type { DeviceKey } from '../address/device-key.ts';
import type { MailPort } from '../conntrack/flow.ts';
import { emptyProfile, type Profile } from '../detection/profile.ts';
import type { FoundDoors } from '../doors/door.ts';
import { type Ban, type BanHistory, noHistory } from '../policy/ban.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type Hourly, newHourly } from './hourly.ts';
import type { HoldCheck } from './verify-hold.ts';

/** A relay a person allowed for a time. */
export interface Allowance {
  /** A prefix in canonical text. */
  readonly prefix: string;
  readonly port: MailPort;
  /** Absent: until the daemon forgets it with the device; infinite: until the router restarts. */
  readonly endMs?: number;
}

/** Addresses through which a learned relay was reached, for the kernel's relay set. */
export interface LearnedRelay {
  readonly group: string;
  readonly address: string;
  readonly port: MailPort;
  lastMs: number;
  /** It was known when mail last went through it, and the kernel was told. */
  open?: boolean;
}

/** Connections from one source address to one port: the kernel's ledger against the events. */
export interface LedgerMark {
  /** Counter of the set's element at the last reading; it starts again when the element expired. */
  counted: number;
  /** Connections by the ledger, over its elements' lives. */
  total: number;
  /** Connections whose event or row was seen. */
  seen: number;
  /** Connections given up as lost. */
  lost: number;
  /** What the ledger has more, in every reading since `sinceMs`: lost if it is still so a while later. */
  missing: number;
  sinceMs: number;
}

/** How far the kernel's counts about one device were read. */
export type KernelMarks = Pick<DeviceRecord, 'attemptMarks' | 'ledgerMarks' | 'overrunMark'>;

/** Everything the engine knows about one device that sent mail. Changed in place by the engine alone. */
export interface DeviceRecord {
  readonly key: DeviceKey;
  profile: Profile;
  ban: Ban | undefined;
  /** Until it was seen to work. */
  check: HoldCheck | undefined;
  /** What a person asked for, where the guard holds it harder now: it is in force again afterwards. */
  asked: Ban | undefined;
  history: BanHistory;
  /** A person released it: nothing is held until then; infinite: until the router restarts. */
  releasedUntilMs: number | undefined;
  /** After a release less evidence is needed until then. */
  probationUntilMs: number | undefined;
  /** At most {@link maxAllowances}; the oldest goes. */
  allowances: Allowance[];
  /** At most {@link maxLearned} addresses; the one used longest ago goes. */
  learned: LearnedRelay[];
  incident: string | undefined;
  /** Ways in from outside, as they were looked for in one incident: not found yet, or what was found. */
  doors: { readonly incident: string; readonly found?: FoundDoors } | undefined;
  /** As it was before evidence that may prove to be an outage's: at most two, see checkpoint.ts. */
  unproven: readonly Checkpoint[];
  pinned: boolean;
  readonly firstSeenMs: number;
  lastMailMs: number | undefined;
  lastAttemptMs: number | undefined;
  /** Something spoke against it last, or it was told of. */
  lastSuspectMs: number | undefined;
  /** Connections whose event or row was seen. */
  connections: number;
  /** Connections that only the ledger saw. */
  withoutEvent: number;
  readonly hourly: Hourly;
  /** Refused new connections, from the attempts sets. */
  refused: number;
  /** Refused connections when people were told last. */
  refusedTold: number;
  /** Counter of each attempts element at the last reading, by destination and port; bounded by the set itself. */
  attemptMarks: Map<string, number>;
  /** By source address and port; at most {@link maxMarks}, the oldest goes. */
  ledgerMarks: Map<string, LedgerMark>;
  overrunMark: number;
  /** Lines that explain the score, newest last; at most {@link maxEvidence}. */
  evidence: string[];
  /** Lines that had to go before them. */
  earlierEvidence: number;
  /** A verdict of which nothing came but words is not told again before. */
  toldUntilMs: number;
  /** Nor is a notice of its amount of mail or its budget. */
  noticedUntilMs: number;
  /** Nor that it tried again where it was refused before. */
  retryToldUntilMs: number;
}

export const maxAllowances = 16;
export const maxLearned = 48;
export const maxMarks = 64;
export const maxEvidence = 40;
/** Devices that mailed, kept in memory: as many as the ban sets hold. The one that mailed longest ago goes first. */
export const maxRecords = 512;

/** A device seen for the first time. */
export function newRecord(key: DeviceKey, nowMs: number): DeviceRecord {
  return {
    key,
    profile: emptyProfile(nowMs),
    ban: undefined,
    check: undefined,
    asked: undefined,
    history: noHistory,
    releasedUntilMs: undefined,
    probationUntilMs: undefined,
    allowances: [],
    learned: [],
    incident: undefined,
    doors: undefined,
    unproven: [],
    pinned: false,
    firstSeenMs: nowMs,
    lastMailMs: undefined,
    lastAttemptMs: undefined,
    lastSuspectMs: undefined,
    connections: 0,
    withoutEvent: 0,
    hourly: newHourly(24, nowMs),
    refused: 0,
    refusedTold: 0,
    attemptMarks: new Map(),
    ledgerMarks: new Map(),
    overrunMark: 0,
    evidence: [],
    earlierEvidence: 0,
    toldUntilMs: Number.NEGATIVE_INFINITY,
    noticedUntilMs: Number.NEGATIVE_INFINITY,
    retryToldUntilMs: Number.NEGATIVE_INFINITY,
  };
}

/** Whether the device must not be pushed out by others: it is held, released, pinned, or has an open incident. */
export function isAnchored(record: DeviceRecord): boolean {
  return (
    record.ban !== undefined ||
    record.releasedUntilMs !== undefined ||
    record.incident !== undefined ||
    record.pinned ||
    record.allowances.length > 0
  );
}

/** Keeps the newest {@link maxEvidence} lines. */
export function noteEvidence(record: DeviceRecord, line: string): void {
  record.evidence.push(line);
  if (record.evidence.length <= maxEvidence) return;
  record.evidence.shift();
  record.earlierEvidence++;
}

/** The mark of one source address and port, made where there is none. At most {@link maxMarks}; the oldest goes. */
export function markOf(record: DeviceRecord, src: string, port: number): LedgerMark {
  const id = markId(src, port);
  const found = record.ledgerMarks.get(id);
  if (found) return found;
  const mark: LedgerMark = { counted: 0, total: 0, seen: 0, lost: 0, missing: 0, sinceMs: 0 };
  record.ledgerMarks.set(id, mark);
  boundMarks(record);
  return mark;
}

function boundMarks({ ledgerMarks }: DeviceRecord): void {
  for (const oldest of ledgerMarks.keys()) {
    if (ledgerMarks.size <= maxMarks) return;
    ledgerMarks.delete(oldest);
  }
}

/** Takes over what was seen of sources that turned out to be the device's: under its MAC the ledger counts them as well. */
export function addLedgerMarks(record: DeviceRecord, marks: DeviceRecord['ledgerMarks']): void {
  for (const [id, mark] of marks) {
    const own = record.ledgerMarks.get(id);
    if (own) for (const count of ['total', 'seen', 'lost'] as const) own[count] += mark[count];
    else record.ledgerMarks.set(id, { ...mark });
  }
  boundMarks(record);
}

/** What the kernel's ledger has of the source and port that neither was seen nor given up; its counter now is `counted`. */
export function missingOf(mark: LedgerMark | undefined, counted: number): number {
  if (!mark) return counted;
  const more = counted >= mark.counted ? counted - mark.counted : counted;
  return Math.max(0, mark.total + more - mark.seen - mark.lost);
}

let latest = { src: '', port: 0, id: ' 0' };

/** The name of a mark. A device's connections come in rows, and joining two texts takes longer than looking it up. */
export function markId(src: string, port: number): string {
  if (latest.port !== port || latest.src !== src) latest = { src, port, id: `${src} ${port}` };
  return latest.id;
}
