import { type DeviceKey, parseDeviceKey, targetOf } from '../address/device-key.ts';
import { mailPorts } from '../conntrack/flow.ts';
import { fromSnapshot, type ProfileSnapshot, toSnapshot } from '../detection/snapshot.ts';
import { portClassOf } from '../detection/table.ts';
import { addHost, carrierOf } from '../identity/carriers.ts';
import { type Incident, maxEvidenceBytes } from '../policy/incident.ts';
import {
  type BanSnapshot,
  banSnapshot,
  endOf,
  isCount,
  leftS,
  list,
  noEnd,
  readBan,
  type Since,
  secondsOf,
  yearMs,
} from './ban-snapshot.ts';
import {
  type DeviceRecord,
  isAnchored,
  type LearnedRelay,
  maxAllowances,
  maxLearned,
  newRecord,
} from './device-record.ts';
import type { Instant } from './input.ts';
import { type BlocklistsSnapshot, keepBlocklists } from './on-blocklists.ts';
import type { State } from './state.ts';

/** One device at rest. Ages and remains in whole seconds, so that they mean the same on the next boot's clock. */
export interface DeviceSnapshot {
  readonly k: string;
  readonly p: ProfileSnapshot;
  readonly b?: BanSnapshot;
  /** What a person asked for beneath it. */
  readonly q?: BanSnapshot;
  /** Level of the next ban, and seconds of quiet. */
  readonly h?: readonly [level: number, quietS: number];
  readonly r?: number;
  readonly o?: number;
  readonly a?: readonly (readonly [prefix: string, port: number, remainingS: number])[];
  /** The group by its place among the profile's known relays, if it is there; the age only where it is another than theirs. */
  readonly l?: readonly (readonly [group: string | number, address: string, port: number, ageS?: number])[];
  /** Connections, those without an event, refused ones; zeros at the end are left out. */
  readonly c: readonly number[];
  /** Seconds since first seen, since the last mail. */
  readonly t: readonly [firstS: number, mailS: number];
  readonly i?: string;
  readonly n?: 1;
  /** The MAC behind which it lives. */
  readonly m?: string;
}

/** The state file's content. The shell adds unsent events. */
export interface Snapshot {
  readonly schema: 1;
  readonly saved_s: number;
  readonly sequence: number;
  readonly last?: string;
  /** Which of the router's boots it was taken in, where that is known. */
  readonly boot?: string;
  /** How many writes were left of the day's. */
  readonly writes?: number;
  readonly devices: readonly DeviceSnapshot[];
  readonly incidents: readonly Incident[];
  readonly blocklists?: BlocklistsSnapshot;
}

/** Closed incidents that are kept over a restart; of open ones all that fit. */
const closedKept = 8;
const openKept = 64;
const stepsKept = 6;
const evidenceKept = 4;

/** What should outlive a restart, as of now: devices with something to remember, and the incidents. */
export function takeSnapshot(state: State, at: Instant): Snapshot {
  const devices = [...state.records.values()].filter(isWorthKeeping).map((record) => {
    const m = carrierOf(state.directory.carriers, record.key);
    return { ...deviceSnapshot(record, at), ...(m === undefined ? {} : { m }) };
  });
  const blocklists = keepBlocklists(state);
  const all = [...state.incidents.values()];
  const open = all.filter(({ closedWallMs }) => closedWallMs === undefined).slice(-openKept);
  const closed = all.filter(({ closedWallMs }) => closedWallMs !== undefined).slice(-closedKept);
  return {
    schema: 1,
    saved_s: secondsOf(at.wallMs),
    sequence: state.sequence,
    ...(state.lastIncident === undefined ? {} : { last: state.lastIncident }),
    devices,
    ...(blocklists && { blocklists }),
    incidents: [...closed, ...open].map((incident) => ({
      ...incident,
      steps: [...incident.steps.slice(0, 1), ...incident.steps.slice(1).slice(1 - stepsKept)],
      evidence: incident.evidence.slice(-evidenceKept),
    })),
  };
}

function isWorthKeeping(record: DeviceRecord): boolean {
  return (
    isAnchored(record) || record.learned.length > 0 || record.history.level > 0 || record.profile.score > 0.5
  );
}

function deviceSnapshot(record: DeviceRecord, at: Instant): DeviceSnapshot {
  const { nowMs } = at;
  const age = (ms: number) => secondsOf(Math.max(0, nowMs - ms));
  const { ban, asked, history, releasedUntilMs, probationUntilMs, allowances, learned } = record;
  const profile = toSnapshot(record.profile, nowMs);
  const counts = [record.connections, record.withoutEvent, record.refused] as const;
  return {
    k: record.key,
    p: profile,
    ...(ban && { b: banSnapshot(ban, at) }),
    ...(asked && { q: banSnapshot(asked, at) }),
    ...((history.level > 0 || history.quietSinceMs !== undefined) && {
      h: [history.level, history.quietSinceMs === undefined ? -1 : age(history.quietSinceMs)] as const,
    }),
    ...(releasedUntilMs !== undefined && { r: leftS(releasedUntilMs, nowMs) }),
    ...(probationUntilMs !== undefined && probationUntilMs > nowMs && { o: leftS(probationUntilMs, nowMs) }),
    ...(allowances.length > 0 && {
      a: allowances.map(({ prefix, port, endMs: end }) => [prefix, port, leftS(end, nowMs)] as const),
    }),
    ...(learned.length > 0 && {
      l: learned.map((relay) => learnedRow(relay, profile, age(relay.lastMs))),
    }),
    c: counts.slice(0, counts.findLastIndex((count) => count > 0) + 1),
    t: [age(record.firstSeenMs), record.lastMailMs === undefined ? -1 : age(record.lastMailMs)],
    ...(record.incident !== undefined && { i: record.incident }),
    ...(record.pinned && { n: 1 as const }),
  };
}

/** Most of what there is to say of a learned relay the profile says already. */
function learnedRow({ group, address, port }: LearnedRelay, { k }: ProfileSnapshot, ageS: number) {
  const portClass = portClassOf(port);
  const place = k.findIndex(([of, id]) => of === portClass && id === group);
  const isAlike = Math.abs((k[place]?.[3] ?? Number.POSITIVE_INFINITY) - ageS) < alikeS;
  const named = place < 0 ? group : place;
  return isAlike ? ([named, address, port] as const) : ([named, address, port, ageS] as const);
}

/** A session ends so long after its contact at most to be told by the same age. */
const alikeS = 600;

/**
 * Fills the state from a snapshot. Anything in it that is not ours is left out, never trusted: the file may be
 * damaged. Time that passed while nothing ran counts where the wall clock is plausible. Returns whose ban is over.
 */
export function restoreSnapshot(
  state: State,
  value: unknown,
  at: Instant,
  restarted: boolean,
): ReadonlySet<DeviceKey> {
  const over = new Set<DeviceKey>();
  if (!isObject(value) || value['schema'] !== 1 || !Array.isArray(value['devices'])) return over;
  const saved = isCount(value['saved_s']) ? value['saved_s'] * 1000 : at.wallMs;
  const awayMs = at.wallMs - saved;
  const elapsedMs = awayMs > 0 && awayMs < yearMs ? awayMs : 0;
  const since = { nowMs: at.nowMs, elapsedMs, restarted };
  if (isCount(value['sequence'])) state.sequence = Math.max(state.sequence, value['sequence']);
  if (typeof value['last'] === 'string') state.lastIncident = value['last'].slice(0, 80);
  for (const incident of Array.isArray(value['incidents']) ? value['incidents'] : []) {
    if (isIncident(incident)) state.incidents.set(incident.id, { ...incident });
  }
  for (const device of value['devices'].slice(0, 512)) {
    const record = isObject(device) ? readDevice(device, since) : undefined;
    if (!record) continue;
    if (isObject(device) && device['b'] !== undefined && !record.ban) over.add(record.key);
    if (record.incident !== undefined && !state.incidents.has(record.incident)) record.incident = undefined;
    state.records.set(record.key, record);
    readCarrier(state, record.key, device['m'], at.nowMs);
  }
  return over;
}

/** Those behind one MAC stay apart until they are seen again: the first connection comes before that. */
function readCarrier({ directory }: State, key: DeviceKey, value: unknown, nowMs: number): void {
  const carrier = typeof value === 'string' ? parseDeviceKey(value) : undefined;
  if (carrier === undefined || targetOf(carrier)?.kind !== 'mac' || targetOf(key)?.kind !== 'ip4') return;
  addHost(directory.carriers, carrier, key, nowMs);
}

function readDevice(value: Record<string, unknown>, since: Since): DeviceRecord | undefined {
  const { nowMs, elapsedMs } = since;
  const key = typeof value['k'] === 'string' ? parseDeviceKey(value['k']) : undefined;
  if (key === undefined) return undefined;
  const record = newRecord(key, nowMs);
  const before = nowMs - elapsedMs;
  record.profile = fromSnapshot(value['p'], before) ?? record.profile;
  const asked = readBan(value['q'], since);
  record.ban = readBan(value['b'], since) ?? asked;
  record.asked = record.ban === asked ? undefined : asked;
  const [level, quietS] = list(value['h']);
  if (isCount(level)) {
    record.history = {
      level: Math.min(level, 4),
      ...(isCount(quietS) && { quietSinceMs: before - quietS * 1000 }),
    };
  }
  record.releasedUntilMs = endOf(value['r'], since);
  record.probationUntilMs = endOf(value['o'], since);
  for (const [prefix, port, left] of list(value['a']).slice(0, maxAllowances).map(list)) {
    const mailPort = mailPorts.find((candidate) => candidate === port);
    if (typeof prefix !== 'string' || !/^[0-9a-f:./]{2,43}$/.test(prefix) || mailPort === undefined) continue;
    const endMs = endOf(left, since);
    if (left === noEnd) record.allowances.push({ prefix, port: mailPort });
    else if (endMs !== undefined) record.allowances.push({ prefix, port: mailPort, endMs });
  }
  const known = isObject(value['p']) ? list(value['p']['k']).map(list) : [];
  for (const [named, address, port, ownS] of list(value['l']).slice(0, maxLearned).map(list)) {
    const mailPort = mailPorts.find((candidate) => candidate === port);
    const row = typeof named === 'number' ? known[named] : undefined;
    const group = row ? row[1] : named;
    const ageS = ownS ?? row?.[3];
    if (typeof group !== 'string' || typeof address !== 'string' || !isCount(ageS) || mailPort === undefined)
      continue;
    record.learned.push({ group, address, port: mailPort, lastMs: before - ageS * 1000 });
  }
  const [connections, withoutEvent, refused] = list(value['c']);
  record.connections = isCount(connections) ? connections : 0;
  record.withoutEvent = isCount(withoutEvent) ? withoutEvent : 0;
  record.refused = isCount(refused) ? refused : 0;
  const [firstS, mailS] = list(value['t']);
  if (isCount(mailS)) record.lastMailMs = before - mailS * 1000;
  if (typeof value['i'] === 'string') record.incident = value['i'];
  record.pinned = value['n'] === 1;
  return isCount(firstS) ? { ...record, firstSeenMs: before - firstS * 1000 } : record;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isIncident(value: unknown): value is Incident {
  if (!isObject(value)) return false;
  const { id, key, name, openedWallMs, steps, evidence } = value;
  const isText = typeof id === 'string' && id.length < 100 && typeof name === 'string';
  const isKnown = typeof key === 'string' && parseDeviceKey(key) !== undefined && isCount(openedWallMs);
  const isStory =
    Array.isArray(steps) && Array.isArray(evidence) && evidence.join('').length <= maxEvidenceBytes;
  return isText && isKnown && isStory && isCount(value['events']) && isCount(value['refused']);
}
