import type { DeviceKey } from '../address/device-key.ts';
import type { Listing } from '../blocklists/listing.ts';
import type { DeviceClass, Mode } from '../config/config.ts';
import type { Door } from '../doors/door.ts';
import type { EventType } from '../policy/incident.ts';
import type { DegradedReason } from './degraded.ts';

/** What a device may do with mail now. */
export const deviceStates = [
  'normal',
  'watched',
  'slowed',
  'restricted',
  'blocked',
  'quarantined',
  'allowed',
] as const;
export type DeviceState = (typeof deviceStates)[number];

/** A problem of the guard itself, as people and programs read it. */
export interface DegradedEntry {
  readonly code: DegradedReason;
  /** One of the sentences of `degradedReasons`, whole: it can be translated. */
  readonly text: string;
  /** What is known of it beyond that: a message, a file, a device. */
  readonly detail?: string;
  readonly remedy: string;
  readonly since: string;
}

/** What DNS blocklists say of the home's own address. */
export interface BlocklistsDocument {
  /** The address that the internet sees is not the home's own. */
  readonly shared_address: boolean;
  /** When the lists were asked; absent: not yet. */
  readonly checked?: string;
  readonly listings: readonly (Listing & { readonly since: string })[];
}

/** The retained document of `status`, and the answer to the request of that name. Times are ISO 8601 UTC. */
export interface StatusDocument {
  readonly schema: 1;
  readonly node: string;
  readonly version: string;
  readonly state: 'ok' | 'degraded' | 'starting';
  readonly mode: Mode;
  readonly paused_until?: string;
  readonly since: string;
  readonly degraded: readonly DegradedEntry[];
  readonly devices: number;
  readonly devices_mailing: number;
  readonly devices_held: number;
  readonly incidents_open: number;
  readonly connections_24h: number;
  readonly refused: number;
  /** Connections that the kernel's ledger counted and whose event never came: their destinations are unknown. */
  readonly connections_without_event: number;
  readonly last_incident?: string;
  /** Where the owner named lists. */
  readonly blocklists?: BlocklistsDocument;
}

/** The document of one device: retained on `device/<key>`, and the answer to `device`. */
export interface DeviceDocument {
  readonly schema: 1;
  readonly device: DeviceKey;
  readonly mac?: string;
  readonly addresses: readonly string[];
  readonly name: string;
  readonly vendor?: string;
  readonly randomised_mac: boolean;
  readonly network?: string;
  /** The device whose MAC it has to the router, such as a Wi-Fi extender. */
  readonly behind?: DeviceKey;
  /** How many devices share its MAC; each is judged by its address. */
  readonly devices_behind?: number;
  readonly class: DeviceClass;
  readonly class_reason: string;
  readonly state: DeviceState;
  /** When the state ends by itself. */
  readonly until?: string;
  /** Since when it is held. */
  readonly held_since?: string;
  /** Until when less evidence is enough to hold it: after a release, or because a person asked to watch it. */
  readonly probation_until?: string;
  readonly score: number;
  readonly restrict_at: number;
  readonly block_at: number;
  readonly connections: number;
  readonly connections_24h: number;
  readonly connections_without_event: number;
  readonly messages_24h: number;
  readonly refused: number;
  readonly relays: readonly string[];
  /** Relays that a person allowed: address or prefix with its port, and when that ends by itself. */
  readonly allowed?: readonly { readonly relay: string; readonly until?: string }[];
  readonly incident?: string;
  /** What to do now, while an incident is open: one sentence each, the likeliest first. */
  readonly remedies?: readonly string[];
  /** Ways from the internet to it, while an incident is open and once they were looked for: at most 8. */
  readonly doors?: readonly Door[];
  /** How many more there are. */
  readonly doors_omitted?: number;
  /** Why the firewall's rules could not be read as a whole. */
  readonly doors_unread?: string;
  readonly first_seen: string;
  readonly last_mail?: string;
}

/** One step of an incident, or of the guard itself: published on `event`, never retained. */
export interface EventDocument {
  readonly schema: 1;
  /** Unique for ever: the incident's id and a counter, so that a receiver can drop a repetition. */
  readonly id: string;
  readonly type: EventType;
  readonly at: string;
  readonly node: string;
  readonly incident?: string;
  readonly device?: DeviceKey;
  readonly name?: string;
  readonly vendor?: string;
  readonly address?: string;
  /** Of a `summary`: whom it is about, those that are here for long first; at most 64. */
  readonly devices?: readonly DeviceKey[];
  /** One or two sentences for people: what happened, what was done. */
  readonly text: string;
  /** What moved the score, newest last, at most 2 KB. */
  readonly evidence?: readonly string[];
  /** What to do now: with the first hold of an incident. */
  readonly remedies?: readonly string[];
}

/** One incident: the story from the first suspicious attempt to its end. */
export interface IncidentDocument {
  readonly schema: 1;
  readonly id: string;
  readonly device: DeviceKey;
  readonly name: string;
  readonly state: 'open' | 'closed';
  readonly opened: string;
  readonly closed?: string;
  /** A person said that they have seen it. */
  readonly acknowledged?: true;
  readonly steps: readonly { readonly at: string; readonly type: EventType; readonly text: string }[];
  readonly evidence: readonly string[];
  /** What to do now; not in lists of incidents. */
  readonly remedies?: readonly string[];
  readonly refused: number;
  readonly destinations: number;
}
