import { requestError } from '../control/protocol.ts';
import type { Answer, Request } from '../control/request.ts';
import { condense } from '../policy/incident.ts';
import type { DeviceRecord } from './device-record.ts';
import { doorsOf } from './doors-of.ts';
import { type Hourly, series, total } from './hourly.ts';
import { incidentsOf } from './incidents.ts';
import { isoTime } from './iso-time.ts';
import { remediesFor } from './remedies.ts';
import type { Turn } from './state.ts';
import { deviceDocument, incidentDocument, page } from './views.ts';
import { findDevice, whoIs } from './who.ts';

type Arguments = Request['args'];

/** The most items of one page: 40 documents stay below the protocol's 64 KB. */
const mostPerPage = 40;

function slice(args: Arguments): { after: string | undefined; limit: number } {
  const limit = typeof args['limit'] === 'number' ? Math.floor(args['limit']) : mostPerPage;
  const after = args['after'] === undefined ? undefined : String(args['after']);
  return { after, limit: Math.min(Math.max(limit, 1), mostPerPage) };
}

/** Devices that mailed: those with trouble first, then the latest mail first. */
export function listDevices(turn: Turn, args: Arguments): unknown {
  const { after, limit } = slice(args);
  const rank = (record: DeviceRecord) => (record.ban ? 2 : record.incident === undefined ? 0 : 1);
  const records = [...turn.state.records.values()].sort(
    (a, b) => rank(b) - rank(a) || (b.lastMailMs ?? b.firstSeenMs) - (a.lastMailMs ?? a.firstSeenMs),
  );
  const { items, next } = page(records, ({ key }) => key, after, limit);
  // What to do is said of one device; forty times that is a third of a line.
  const devices = items.map((record) => ({
    ...deviceDocument(turn, record),
    remedies: undefined,
    ...(record.pinned && { pinned: true }),
    ...(total(record.hourly, turn.at.nowMs) > 0 && { hourly: series(record.hourly, turn.at.nowMs) }),
  }));
  return { schema: 1, devices, ...(next === undefined ? {} : { next }) };
}

/** One device; with `why` the observations that moved its score, and its mail connections of the last 24 hours. */
export function showDevice(turn: Turn, record: DeviceRecord, why: boolean): unknown {
  const document = deviceDocument(turn, record);
  if (!why) return document;
  const lines = condense(record.evidence, record.earlierEvidence);
  return { ...document, why: lines, hourly: series(record.hourly, turn.at.nowMs) };
}

/** Mail by the hour, oldest first, the present hour last: a week of the home, or a day of one device. */
export function showHistory({ state, at }: Turn, record?: DeviceRecord): unknown {
  const counts: Readonly<Record<string, Hourly>> = record ? { connections: record.hourly } : state.week;
  const hours = Object.entries(counts).map(([what, hourly]) => [what, series(hourly, at.nowMs)] as const);
  return { schema: 1, until: isoTime(at.wallMs), ...Object.fromEntries(hours) };
}

/** Incidents, newest first. */
export function listIncidents(turn: Turn, args: Arguments): unknown {
  const { after, limit } = slice(args);
  const { items, next } = page(incidentsOf(turn.state), ({ id }) => id, after, Math.min(limit, 10));
  return {
    schema: 1,
    incidents: items.map((item) => incidentDocument(item)),
    ...(next === undefined ? {} : { next }),
  };
}

/** One incident by its id, or the newest of a device. */
export function showIncident(turn: Turn, args: Arguments): Answer {
  const { state } = turn;
  const key = args['device'] === undefined ? undefined : findDevice(state, String(args['device']));
  const id = args['incident'];
  const found =
    id !== undefined
      ? state.incidents.get(String(id))
      : key === undefined || key === 'ambiguous'
        ? undefined
        : incidentsOf(state, key)[0];
  if (found) {
    const who = whoIs(state, found.key);
    const record = state.records.get(found.key);
    const door = record?.incident === found.id ? doorsOf(record)?.remedy : undefined;
    return { ok: true, data: incidentDocument(found, remediesFor(who.class, who.noun, door)) };
  }
  const message = `There is no incident "${String(id ?? args['device'] ?? '')}"`;
  return { ok: false, error: requestError('unknown_incident', message, 'See "postern incidents".') };
}
