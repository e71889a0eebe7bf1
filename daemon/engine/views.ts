import { type DeviceKey, targetOf } from '../address/device-key.ts';
import { knownRelays } from '../detection/known.ts';
import { scoreAt } from '../detection/profile.ts';
import { messagesInDay } from '../detection/volume.ts';
import type { Incident } from '../policy/incident.ts';
import { banOn } from './ban-on.ts';
import { degradedReasons, guardStateOf } from './degraded.ts';
import type { DeviceRecord } from './device-record.ts';
import type {
  DegradedEntry,
  DeviceDocument,
  DeviceState,
  IncidentDocument,
  StatusDocument,
} from './documents.ts';
import { doorsOf } from './doors-of.ts';
import { isHolding, isReleased } from './hold.ts';
import { total } from './hourly.ts';
import { isoTime } from './iso-time.ts';
import { blocklistsDocument } from './on-blocklists.ts';
import { remediesFor } from './remedies.ts';
import { type State, type View, wallOf } from './state.ts';
import { thresholdsFor } from './thresholds.ts';
import { addressesFor, whoIs } from './who.ts';

/** A device is `watched` while its score is at least half of what restricts it. */
const watchedShare = 0.5;

/** What the device may do with mail now. */
export function stateOf(turn: View, record: DeviceRecord): DeviceState {
  const { nowMs } = turn.at;
  const ban = banOn(turn.state, record);
  if (ban) return turn.state.config.mode === 'observe' ? 'watched' : ban.hold;
  if (isReleased(record, nowMs)) return 'allowed';
  const score = scoreAt(record.profile, nowMs);
  const isWatched =
    record.incident !== undefined || score >= thresholdsFor(turn, record).restrict * watchedShare;
  return isWatched ? 'watched' : 'normal';
}

/** The document of a device by its key; undefined where it is forgotten, and its topic to be deleted. */
export function deviceDocumentOf(view: View, key: DeviceKey): DeviceDocument | undefined {
  const record = view.state.records.get(key);
  return record && deviceDocument(view, record);
}

/** The document of a device that mailed. */
export function deviceDocument(turn: View, record: DeviceRecord): DeviceDocument {
  const { state, at } = turn;
  const who = whoIs(state, record.key);
  const target = targetOf(record.key);
  const ban = banOn(state, record);
  const untilMs = ban ? ban.endMs : record.releasedUntilMs;
  const thresholds = thresholdsFor(turn, record);
  const time = (ms: number) => isoTime(wallOf(turn, ms));
  const found = doorsOf(record);
  return {
    schema: 1,
    device: record.key,
    ...(target?.kind === 'mac' ? { mac: target.mac } : {}),
    addresses: addressesFor(state, record.key, at.nowMs),
    name: who.name,
    ...(who.vendor === undefined ? {} : { vendor: who.vendor }),
    randomised_mac: who.randomised,
    ...(who.network === undefined ? {} : { network: who.network }),
    ...(who.behind === undefined ? {} : { behind: who.behind }),
    ...(who.carries === 0 ? {} : { devices_behind: who.carries }),
    class: who.class,
    class_reason: who.classReason,
    state: stateOf(turn, record),
    ...(untilMs === undefined || !Number.isFinite(untilMs) ? {} : { until: time(untilMs) }),
    ...(ban && { held_since: time(ban.sinceMs) }),
    ...((record.probationUntilMs ?? 0) > at.nowMs && { probation_until: time(record.probationUntilMs ?? 0) }),
    score: Math.round(scoreAt(record.profile, at.nowMs) * 100) / 100,
    restrict_at: thresholds.restrict,
    block_at: thresholds.block,
    connections: record.connections + record.withoutEvent,
    connections_24h: total(record.hourly, at.nowMs),
    connections_without_event: record.withoutEvent,
    messages_24h: messagesInDay(record.profile.volume, at.nowMs),
    refused: record.refused,
    relays: relayWords(record),
    ...(record.allowances.length > 0 && {
      allowed: record.allowances.map(({ prefix, port, endMs }) => ({
        relay: `${prefix}:${port}`,
        ...(endMs === undefined || !Number.isFinite(endMs) ? {} : { until: time(endMs) }),
      })),
    }),
    ...(record.incident !== undefined && {
      incident: record.incident,
      remedies: remediesFor(who.class, who.noun, found?.remedy),
    }),
    ...(found && {
      doors: found.doors,
      ...(found.omitted > 0 && { doors_omitted: found.omitted }),
      ...(found.unread !== undefined && { doors_unread: found.unread }),
    }),
    first_seen: time(record.firstSeenMs),
    ...(record.lastMailMs === undefined ? {} : { last_mail: time(record.lastMailMs) }),
  };
}

function relayWords(record: DeviceRecord): string[] {
  const ports = { M: '25', S: '465/587' } as const;
  return knownRelays(record.profile).map(({ group, portClass }) => `${group}:${ports[portClass]}`);
}

/** The guard's own state. */
export function statusDocument(turn: View): StatusDocument {
  const { state, at } = turn;
  const records = [...state.records.values()];
  const degraded = degradedEntries(state);
  const blocklists = blocklistsDocument(state);
  return {
    schema: 1,
    node: state.config.node,
    version: state.version,
    state: guardStateOf(degraded.map(({ code }) => code)),
    mode: state.config.mode,
    ...(state.pausedUntilMs === undefined
      ? {}
      : { paused_until: isoTime(wallOf(turn, state.pausedUntilMs)) }),
    since: isoTime(state.bootWallMs),
    degraded,
    devices: state.directory.devices.size,
    devices_mailing: records.filter(({ lastMailMs }) => lastMailMs !== undefined).length,
    devices_held: isHolding(state, at.nowMs) ? records.filter(({ ban }) => ban !== undefined).length : 0,
    incidents_open: records.filter(({ incident }) => incident !== undefined).length,
    connections_24h: records.reduce((sum, { hourly }) => sum + total(hourly, at.nowMs), 0),
    refused: state.refused,
    connections_without_event: records.reduce((sum, { withoutEvent }) => sum + withoutEvent, 0),
    ...(state.lastIncident === undefined ? {} : { last_incident: state.lastIncident }),
    ...(blocklists && { blocklists }),
  };
}

function degradedEntries(state: State): DegradedEntry[] {
  return [...state.conditions].map(([code, { sinceWallMs, detail }]) => {
    const [text, remedy] = degradedReasons[code];
    return { code, text, ...(detail && { detail }), remedy, since: isoTime(sinceWallMs) };
  });
}

/** An incident as a document. */
export function incidentDocument(incident: Incident, remedies: readonly string[] = []): IncidentDocument {
  return {
    schema: 1,
    id: incident.id,
    device: incident.key,
    name: incident.name,
    state: incident.closedWallMs === undefined ? 'open' : 'closed',
    opened: isoTime(incident.openedWallMs),
    ...(incident.closedWallMs === undefined ? {} : { closed: isoTime(incident.closedWallMs) }),
    ...(incident.acknowledged && { acknowledged: true }),
    steps: incident.steps.map(({ wallMs, type, text }) => ({ at: isoTime(wallMs), type, text })),
    evidence: incident.evidence,
    ...(remedies.length > 0 && { remedies }),
    refused: incident.refused,
    destinations: incident.destinations,
  };
}

/** One page of a list in a stable order: items after the one whose id is `after`. */
export function page<T>(
  items: readonly T[],
  idOf: (item: T) => string,
  after: string | undefined,
  limit: number,
): { items: readonly T[]; next?: DeviceKey | string } {
  const start = after === undefined ? 0 : items.findIndex((item) => idOf(item) === after) + 1;
  const slice = items.slice(start, start + limit);
  const last = slice.at(-1);
  return start + limit < items.length && last ? { items: slice, next: idOf(last) } : { items: slice };
}
