import type { DeviceKey } from '../address/device-key.ts';
import type { Config } from '../config/config.ts';
import { emptyFlowTable, type FlowTable } from '../conntrack/flow-table.ts';
import { ShortMap } from '../conntrack/short-map.ts';
import type { TrackedFlow } from '../conntrack/tracked-flow.ts';
import type { Step } from '../detection/observe.ts';
import type { Group, Providers } from '../detection/providers.ts';
import type { CutFlow, KnownDevice } from '../enforcement/desired.ts';
import { type Directory, emptyDirectory } from '../identity/directory.ts';
import type { VendorOf } from '../identity/vendor.ts';
import type { Incident } from '../policy/incident.ts';
import type { DegradedReason } from './degraded.ts';
import type { DeviceRecord, KernelMarks } from './device-record.ts';
import type { Effect } from './effect.ts';
import type { FewKeys } from './few-keys.ts';
import { type Hourly, newHourly } from './hourly.ts';
import type { Instant } from './input.ts';
import { type Blocklists, newBlocklists } from './on-blocklists.ts';
import { calm, type Storm } from './storm.ts';
import { newUpstream, type Upstream } from './upstream.ts';
import type { Who } from './who-record.ts';

/** A condition in force. */
export interface Condition {
  readonly sinceWallMs: number;
  readonly detail: string | undefined;
  /** It clears itself at this time; absent: when its source says so. */
  readonly untilMs: number | undefined;
}

/** A flow whose device is not known yet. */
export interface WaitingContact {
  readonly flow: TrackedFlow;
  readonly sinceMs: number;
}

/** Whose flow it is, and what was made of it so far. */
export interface FlowEntry {
  readonly key: DeviceKey;
  /** Of its first packet; absent where that did not score. */
  step: Step | undefined;
  /** When its first packet was taken as evidence, or would have been. */
  readonly atMs: number;
  /** It began in an outage: it scores when it is answered. */
  deferred: boolean;
  /** Estimated messages counted so far. */
  messages: number;
  /** At least one message went through. */
  delivered: boolean;
}

/**
 * All that the daemon knows. It has one owner: `step` changes it in place and hands it back, so whoever calls it
 * gives up the earlier state. Every collection in it has a bound, named where it is declared.
 */
export interface State {
  config: Config;
  readonly version: string;
  readonly vendorOf: VendorOf;
  readonly providers: Providers;
  readonly bootWallMs: number;
  readonly directory: Directory;
  /** Through whom routes lead, of the guarded networks: as many as there are neighbours at most. */
  gateways: ReadonlySet<DeviceKey>;
  readonly flows: FlowTable;
  /** By flow; goes with the flow, and above {@link maxFlowEntries} the oldest goes. */
  readonly flowDevices: ShortMap<string, FlowEntry>;
  /** At most {@link maxWaiting}; the oldest goes, and is in the ledger alone. */
  readonly waiting: WaitingContact[];
  /** Devices that mailed; at most `maxRecords`. */
  readonly records: Map<DeviceKey, DeviceRecord>;
  /**
   * How far the kernel's counts were read of devices that a person forgot: they stay in the kernel, and would else be news
   * of the same device at once. At most 16; the oldest goes.
   */
  readonly forgottenMarks: Map<DeviceKey, KernelMarks>;
  /** At most `maxIncidents`. */
  readonly incidents: Map<string, Incident>;
  /** At most one each. */
  readonly conditions: Map<DegradedReason, Condition>;
  /** Addresses learned for the host names of configured relays, and when each was given last: at most 32 a name, the oldest goes. */
  readonly resolved: Map<string, Map<string, number>>;
  /** Addresses whose name joins them with others, and those whose domain is only shown; bounds in names.ts. */
  readonly names: Map<string, { readonly group: Group; readonly atMs: number }>;
  readonly labels: Map<string, string>;
  /** Devices with a budget of their own; undefined where that may have changed: see known-devices.ts. */
  known: readonly KnownDevice[] | undefined;
  /** The last answer of `addressesFor`: one turn asks for the same device again and again. */
  lastAddresses:
    | { readonly key: DeviceKey; readonly nowMs: number; readonly addresses: readonly string[] }
    | undefined;
  /** Emptied whenever the directory or the configuration changes, and above 1,024. */
  readonly who: Map<DeviceKey, Who>;
  /** Live flows that bans end, at most {@link maxCuts}, the oldest goes. */
  cuts: CutFlow[];
  /** Of the home, for a week: mail connections; contacts that spoke against a device with an incident; refused attempts. */
  readonly week: Readonly<Record<'connections' | 'suspicious' | 'refused', Hourly>>;
  readonly upstream: Upstream;
  readonly blocklists: Blocklists;
  /** Until when events may have been lost. */
  lostMs: number;
  pausedUntilMs: number | undefined;
  /** Counter of incidents, and of events outside incidents. */
  sequence: number;
  lastIncident: string | undefined;
  refused: number;
  /** Devices that had to go for want of room. */
  dropped: number;
  /** Mask events that are not of mail in the kernel: nobody else listens. */
  maskEvents: boolean;
  /** How often the table had to be repaired. */
  repairs: number;
  /** Sets at their bound at the last reading, and those for which the daemon had more at the last change. */
  readonly full: Record<'full' | 'overfull', readonly string[]>;
  /** The ledger was read once: from there on its counters are compared with the events. */
  ledgerRead: boolean;
  /** conntrack told of a connection at least once. */
  heard: boolean;
  /** When periodic things were done last; 0: never. */
  readonly done: Record<
    'attempts' | 'overruns' | 'ledger' | 'flows' | 'identity' | 'leases' | 'names' | 'relays',
    number
  >;
  statusDirty: boolean;
  readonly storm: Storm;
}

export const maxWaiting = 256;
export const maxFlowEntries = 8192;
export const maxCuts = 512;

/** What a state is made of. */
export interface Origin {
  readonly config: Config;
  readonly version: string;
  readonly vendorOf: VendorOf;
  readonly providers: Providers;
  readonly at: Instant;
}

/** A daemon that has seen nothing yet. */
export function newState({ config, version, vendorOf, providers, at }: Origin): State {
  const week = () => newHourly(168, at.nowMs);
  return {
    config,
    version,
    vendorOf,
    providers,
    bootWallMs: at.wallMs,
    gateways: new Set(),
    directory: emptyDirectory(),
    flows: emptyFlowTable(),
    flowDevices: new ShortMap(),
    waiting: [],
    records: new Map(),
    forgottenMarks: new Map(),
    incidents: new Map(),
    conditions: new Map(),
    resolved: new Map(),
    names: new Map(),
    labels: new Map(),
    known: undefined,
    lastAddresses: undefined,
    who: new Map(),
    cuts: [],
    upstream: newUpstream(),
    blocklists: newBlocklists(at.nowMs),
    lostMs: Number.NEGATIVE_INFINITY,
    week: { connections: week(), suspicious: week(), refused: week() },
    pausedUntilMs: undefined,
    sequence: 0,
    lastIncident: undefined,
    refused: 0,
    dropped: 0,
    maskEvents: false,
    repairs: 0,
    full: { full: [], overfull: [] },
    ledgerRead: false,
    heard: false,
    done: { attempts: 0, overruns: 0, ledger: 0, flows: 0, identity: 0, leases: 0, names: 0, relays: 0 },
    statusDirty: true,
    storm: calm(),
  };
}

/** One call of the reducer: what it works on and what it asks for. */
export interface Turn {
  readonly state: State;
  readonly at: Instant;
  readonly effects: Effect[];
  /** The desired ruleset may have changed. */
  rulesetChanged: boolean;
  /** Devices whose document changed. */
  readonly changed: FewKeys;
}

/** A state at an instant: enough to show it. */
export type View = Pick<Turn, 'state' | 'at'>;

/** The wall-clock time of a monotonic instant, as of this turn. */
export function wallOf(turn: View, atMs: number): number {
  return turn.at.wallMs + (atMs - turn.at.nowMs);
}
