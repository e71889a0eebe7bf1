import { isoTime } from '../engine/iso-time.ts';
import type { EventType, Incident } from '../policy/incident.ts';
import type { Row } from './seen.ts';
import { spokenAddress } from './short-address.ts';
import { minuteOf } from './timeline.ts';
import { localTime, type Zone } from './zone.ts';

/** Mail servers that are named; more are counted. */
const mostServers = 64;
/** What led to an incident came before it. */
const beforeMinutes = 60;

/** What the paper is made of: one incident, and what one device did. */
export interface EvidenceView {
  readonly incident: Incident;
  /** The device's rows of the history, in any order. */
  readonly rows: readonly Row[];
  readonly nowMs: number;
  readonly zone: Zone;
  readonly version: string;
  readonly class: string;
  /** Whether the device is named. */
  readonly names: boolean;
  readonly maker: string | undefined;
  groupOf(address: string): string;
}

/** One mail server that the device turned to. */
export interface ServerCounts {
  readonly server: string;
  readonly group: string;
  readonly port: number;
  readonly connections: number;
  readonly messages: number;
  readonly refused: number;
}

/** A paper to hand on: everything that is known of one incident, and nothing of any other device. */
export interface EvidenceDocument {
  readonly schema: 1;
  readonly id: string;
  readonly made: string;
  readonly made_by: string;
  readonly device?: string;
  readonly name?: string;
  readonly maker?: string;
  readonly class: string;
  readonly state: 'open' | 'closed';
  readonly opened: string;
  readonly opened_local: string;
  readonly closed?: string;
  readonly closed_local?: string;
  readonly steps: readonly {
    readonly at: string;
    readonly local: string;
    readonly type: EventType;
    readonly text: string;
  }[];
  readonly evidence: readonly string[];
  /** From an hour before it was opened to its end: the most first, at most 64. */
  readonly servers: readonly ServerCounts[];
  readonly servers_omitted: number;
  readonly connections: number;
  readonly messages: number;
  readonly refused: number;
  readonly destinations: number;
  /** What is not known, one sentence each. */
  readonly limits: readonly string[];
}

/** Writes the paper. Without names it has our own words alone: no name, MAC or address of the home is in them. */
export function evidenceOf(view: EvidenceView): EvidenceDocument {
  const { incident, zone, names, maker } = view;
  const { key, name, openedWallMs, closedWallMs } = incident;
  const from = minuteOf(openedWallMs) - beforeMinutes;
  const to = minuteOf(closedWallMs ?? view.nowMs);
  const rows = view.rows.filter(({ minute }) => minute >= from && minute <= to);
  const servers = countsOf(rows, view);
  const sum = (of: 'connections' | 'messages' | 'refused') => rows.reduce((all, row) => all + row[of], 0);
  return {
    schema: 1,
    id: incident.id,
    made: isoTime(view.nowMs),
    made_by: `Postern ${view.version}`,
    ...(names && { device: key, name, ...(maker !== undefined && { maker }) }),
    class: view.class,
    state: closedWallMs === undefined ? 'open' : 'closed',
    opened: isoTime(openedWallMs),
    opened_local: localTime(openedWallMs, zone),
    ...(closedWallMs !== undefined && {
      closed: isoTime(closedWallMs),
      closed_local: localTime(closedWallMs, zone),
    }),
    steps: incident.steps.map(({ wallMs, type, text }) => ({
      at: isoTime(wallMs),
      local: localTime(wallMs, zone),
      type,
      text: names ? text : (plainWords[type] ?? ''),
    })),
    evidence: incident.evidence,
    servers: servers.slice(0, mostServers),
    servers_omitted: Math.max(0, servers.length - mostServers),
    connections: sum('connections'),
    messages: sum('messages'),
    refused: Math.max(incident.refused, sum('refused')),
    destinations: incident.destinations,
    limits: limitsOf(view, rows),
  };
}

/** What a step is without any name. */
const plainWords: Readonly<Partial<Record<EventType, string>>> = {
  opened: 'The device was noticed.',
  told: 'Something unusual was told, and nothing was done.',
  slowed: 'Its mail was slowed down.',
  restricted: 'It was restricted to the mail servers that it is known to use.',
  blocked: 'Its mail was blocked.',
  quarantined: 'Nothing that it sent left the home any more.',
  still_trying: 'It went on trying, and was refused.',
  quiet: 'It had stopped trying.',
  released: 'It was released.',
  allowed: 'It was allowed a mail server.',
  expired: 'What held it had ended.',
  closed: 'The incident was closed.',
  verified: 'Checked: no mail of it was moving any more.',
  reachable: 'It could be reached from the internet.',
  leaking: 'Some mail of it still moved.',
};

function countsOf(rows: readonly Row[], { groupOf }: EvidenceView): ServerCounts[] {
  const counts = new Map<string, ServerCounts>();
  for (const { address, port, connections, messages, refused } of rows) {
    const text = address === undefined ? 'several' : spokenAddress(address);
    const id = `${text} ${port}`;
    const before = counts.get(id);
    counts.set(id, {
      server: text,
      group: address === undefined ? '' : groupOf(text.replace('/64', '')),
      port,
      connections: (before?.connections ?? 0) + connections,
      messages: (before?.messages ?? 0) + messages,
      refused: (before?.refused ?? 0) + refused,
    });
  }
  const weight = (one: ServerCounts) => one.connections + one.messages + one.refused;
  return [...counts.values()].sort((a, b) => weight(b) - weight(a));
}

function limitsOf({ incident, zone }: EvidenceView, rows: readonly Row[]): string[] {
  const limits = [
    'Postern sees connections and counts bytes; it never sees what is in a mail. Numbers of messages are estimates.',
    `Times are those of this router's clock; "local" is ${zone.name}.`,
    'Connections are counted from an hour before the incident to its end, to the minute; IPv6 servers by their /64.',
  ];
  if (rows.some(({ tier }) => tier > 0)) limits.push('Some counts were condensed to hours or days.');
  if (incident.omitted > 0) limits.push(`${incident.omitted} steps in the middle were left out.`);
  if (rows.length === 0) limits.push('No counts are kept of that time any more.');
  return limits;
}
