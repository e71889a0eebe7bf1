import type { DeviceKey } from '../address/device-key.ts';

/** What can happen in an incident, or to the guard itself. */
export const eventTypes = [
  'opened',
  'told',
  'first_mail',
  'slowed',
  'restricted',
  'blocked',
  'quarantined',
  'still_trying',
  'quiet',
  'released',
  'allowed',
  'disallowed',
  'expired',
  'closed',
  'verified',
  'reachable',
  'leaking',
  'guard_paused',
  'guard_resumed',
  'new_network',
  'degraded',
  'recovered',
  'summary',
  'listed',
  'delisted',
  'watching',
  'clean',
  'tried_again',
  'report',
  'test',
] as const;
export type EventType = (typeof eventTypes)[number];

/** One step of an incident's story. */
export interface IncidentStep {
  readonly wallMs: number;
  readonly type: EventType;
  readonly text: string;
}

/** The story of one device from the first suspicious attempt to its end. */
export interface Incident {
  readonly id: string;
  readonly key: DeviceKey;
  readonly name: string;
  readonly openedWallMs: number;
  closedWallMs?: number;
  /** Oldest first; bounded by {@link maxSteps}. */
  readonly steps: IncidentStep[];
  /** How many steps were left out of the middle. */
  omitted: number;
  /** Observations that moved the score, in words; bounded by {@link maxEvidenceBytes}, the oldest go first. */
  evidence: readonly string[];
  refused: number;
  destinations: number;
  /** A person has seen it. */
  acknowledged: boolean;
  /** Counter of the events' ids. */
  events: number;
}

/** Steps kept of one incident: above it the middle goes, since the beginning and the end tell the story. */
export const maxSteps = 40;
export const maxEvidenceBytes = 2048;
/** Incidents kept; the oldest closed one goes first. */
export const maxIncidents = 200;

/**
 * Of events that wait, oldest first, at most so many: what belongs to no incident goes first, the oldest of it, since whoever
 * makes a connection come and go makes two such events each time.
 */
export function mostWorth<T extends { readonly id: string }>(events: readonly T[], most: number): T[] {
  const surplus = Math.max(0, events.length - most);
  const gone = new Set(events.filter(({ id }) => !isOfIncident(id)).slice(0, surplus));
  return events.filter((event) => !gone.has(event)).slice(-most);
}

/** An event of an incident has the incident's id, a dot and a number; others have no dot. */
export const isOfIncident = (id: string) => /\.\d+$/.test(id);

/** Adds a step; when full, the step after the first two makes room. */
export function addStep(incident: Incident, step: IncidentStep): void {
  incident.steps.push(step);
  if (incident.steps.length > maxSteps) {
    incident.steps.splice(2, 1);
    incident.omitted++;
  }
}

/**
 * The newest lines that fit into {@link maxEvidenceBytes}, oldest first; what had to go, `earlier` ones of before these
 * included, is one line that counts it.
 * Lines are ASCII by construction (addresses, numbers, our own words), so their length is their size.
 */
export function condense(lines: readonly string[], earlier = 0): string[] {
  const kept: string[] = [];
  let bytes = 40;
  for (const line of lines.toReversed()) {
    bytes += line.length + 1;
    if (bytes > maxEvidenceBytes) break;
    kept.unshift(line);
  }
  const gone = earlier + lines.length - kept.length;
  return gone > 0 ? [`(${gone} earlier observations)`, ...kept] : kept;
}

/** Keeps the map within {@link maxIncidents}: the oldest closed incident goes first, then the oldest. */
export function boundIncidents(incidents: Map<string, Incident>): void {
  while (incidents.size > maxIncidents) {
    const closed = [...incidents.values()].find((incident) => incident.closedWallMs !== undefined);
    const victim = closed ?? incidents.values().next().value;
    if (!victim) return;
    incidents.delete(victim.id);
  }
}
