import type { DeviceKey } from '../address/device-key.ts';
import { groupsWithin } from '../detection/profile.ts';
import type { Ban } from '../policy/ban.ts';
import { addStep, boundIncidents, condense, type EventType, type Incident } from '../policy/incident.ts';
import type { DeviceRecord } from './device-record.ts';
import type { EventDocument } from './documents.ts';
import { doorsOf } from './doors-of.ts';
import { compactTime, isoTime } from './iso-time.ts';
import { remediesFor } from './remedies.ts';
import type { State, Turn } from './state.ts';
import { summary, tellsApart } from './storm.ts';
import { addressesFor, whoIs } from './who.ts';
import { type Named, type StepFacts, sentence } from './words.ts';

/** Devices that a summary lists: 64 keys are 1 KB. */
const maxListed = 64;
const weekMs = 7 * 86_400_000;

/** The device's open incident; opens one where there is none. */
export function incidentOf(
  turn: Turn,
  record: DeviceRecord,
  why: Pick<StepFacts, 'note' | 'suspected'> = {},
): Incident {
  const open = record.incident === undefined ? undefined : turn.state.incidents.get(record.incident);
  if (open) return open;
  const incident = newIncident(turn, record);
  tell(turn, record, 'opened', why);
  return incident;
}

/** The incident of a hold that an earlier run told of and could not save: opened anew, without telling it again. */
export function resumeIncident(turn: Turn, record: DeviceRecord, { hold, endMs }: Ban): void {
  if (openOf(turn.state, record)) return;
  const incident = newIncident(turn, record);
  const { name, vendor } = whoIs(turn.state, record.key);
  const text = sentence(hold, {
    device: { name, vendor },
    durationMs: endMs === undefined ? undefined : endMs - turn.at.nowMs,
    note: 'So it was when Postern started.',
  });
  addStep(incident, { wallMs: turn.at.wallMs, type: hold, text });
}

function newIncident(turn: Turn, record: DeviceRecord): Incident {
  const { state, at } = turn;
  state.sequence++;
  const id = `${state.config.node}-${compactTime(at.wallMs)}-${state.sequence}`;
  const incident: Incident = {
    id,
    key: record.key,
    name: whoIs(state, record.key).name,
    openedWallMs: at.wallMs,
    steps: [],
    omitted: 0,
    evidence: [],
    refused: 0,
    destinations: 0,
    acknowledged: false,
    events: 0,
  };
  state.incidents.set(id, incident);
  boundIncidents(state.incidents);
  record.incident = id;
  record.refusedTold = 0;
  state.lastIncident = id;
  return incident;
}

/** Adds a step to the device's incident (opening it where needed) and sends it as an event and to the log. */
export function tell(
  turn: Turn,
  record: DeviceRecord,
  type: EventType,
  facts: Omit<StepFacts, 'device'> = {},
): void {
  const { state, at } = turn;
  const incident = type === 'opened' ? openOf(state, record) : incidentOf(turn, record);
  if (!incident) return;
  const device = namedOf(turn, record);
  incident.evidence = condense(record.evidence, record.earlierEvidence);
  incident.destinations = groupsWithin(record.profile, weekMs, at.nowMs);
  const text = sentence(type, {
    device,
    destinations: incident.destinations,
    refused: incident.refused,
    ...facts,
  });
  const isFirstHold = isHold(type) && !incident.steps.some((step) => isHold(step.type));
  addStep(incident, { wallMs: at.wallMs, type, text });
  if (type === 'opened' || type === 'told') record.lastSuspectMs = at.nowMs;
  incident.events++;
  const who = whoIs(state, record.key);
  const document: EventDocument = {
    schema: 1,
    id: `${incident.id}.${incident.events}`,
    type,
    at: isoTime(at.wallMs),
    node: state.config.node,
    incident: incident.id,
    ...fieldsOf(record, device),
    text,
    evidence: incident.evidence,
    ...((isFirstHold || type === 'reachable') && {
      remedies: remediesFor(who.class, who.noun, doorsOf(record)?.remedy),
    }),
  };
  if (tellsApart(turn, record.key, type)) send(turn, document, isAlarming(type) ? 'warn' : 'info');
  else turn.effects.push({ type: 'log', level: isAlarming(type) ? 'warn' : 'info', text });
  turn.changed.add(record.key);
  state.statusDirty = true;
}

/** Sends something about a device that is no incident. */
export function remark(
  turn: Turn,
  record: DeviceRecord,
  type: EventType,
  facts: Omit<StepFacts, 'device'>,
): void {
  const device = namedOf(turn, record);
  const text = sentence(type, { device, ...facts });
  send(turn, { ...outsideIncident(turn, type), ...fieldsOf(record, device), text }, 'info');
}

/** How an event names its device. */
function namedOf({ state, at }: Turn, record: DeviceRecord): Named {
  const { name, vendor } = whoIs(state, record.key);
  return { name, vendor, address: addressesFor(state, record.key, at.nowMs)[0] };
}

function fieldsOf(record: DeviceRecord, { name, vendor, address }: Named) {
  return {
    device: record.key,
    name,
    ...(vendor === undefined ? {} : { vendor }),
    ...(address === undefined ? {} : { address }),
  };
}

/** What an event has that belongs to no incident; each gets a number of its own. */
function outsideIncident({ state, at }: Turn, type: EventType) {
  state.sequence++;
  const { node } = state.config;
  const id = `${node}-${compactTime(at.wallMs)}-${state.sequence}`;
  return { schema: 1, id, type, at: isoTime(at.wallMs), node } as const;
}

/** Sends something about the guard itself, outside any incident. Returns the event's id. */
export function announce(
  turn: Turn,
  type: EventType,
  facts: Omit<StepFacts, 'device'>,
  devices?: readonly DeviceKey[],
): string {
  const text = sentence(type, { device: { name: turn.state.config.node }, ...facts });
  const document = { ...outsideIncident(turn, type), text, ...(devices && { devices }) };
  send(turn, document, type === 'degraded' || type === 'listed' ? 'warn' : 'info');
  turn.state.statusDirty = true;
  return document.id;
}

/** Tells in one event what so many devices did that they were not told one by one. */
export function tellSummary(turn: Turn): void {
  const found = summary(turn);
  if (!found) return;
  const text = sentence('summary', { device: { name: turn.state.config.node }, note: found.note });
  send(
    turn,
    { ...outsideIncident(turn, 'summary'), text, devices: found.devices.slice(0, maxListed) },
    'warn',
  );
}

/** Closes the device's incident, if one is open. */
export function closeIncident(turn: Turn, record: DeviceRecord): void {
  const incident = openOf(turn.state, record);
  if (!incident) return;
  tell(turn, record, 'closed');
  incident.closedWallMs = turn.at.wallMs;
  record.incident = undefined;
}

/** The incidents of one device or of all, newest first. */
export function incidentsOf(state: State, key?: DeviceKey): Incident[] {
  const all = [...state.incidents.values()].reverse();
  return key === undefined ? all : all.filter((incident) => incident.key === key);
}

function openOf(state: State, record: DeviceRecord): Incident | undefined {
  return record.incident === undefined ? undefined : state.incidents.get(record.incident);
}

function send(turn: Turn, document: EventDocument, level: 'info' | 'warn'): void {
  turn.effects.push({ type: 'event', document }, { type: 'log', level, text: document.text });
}

function isHold(type: EventType): boolean {
  return ['slowed', 'restricted', 'blocked', 'quarantined'].includes(type);
}

function isAlarming(type: EventType): boolean {
  return isHold(type) || ['opened', 'told', 'leaking', 'tried_again', 'reachable'].includes(type);
}
