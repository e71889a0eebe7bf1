import type { DeviceKey } from '../address/device-key.ts';
import type { LookUp } from '../blocklists/listing.ts';
import type { Config } from '../config/config.ts';
import type { FlowEvent, MailPort } from '../conntrack/flow.ts';
import type { Request } from '../control/request.ts';
import type { FoundDoors } from '../doors/door.ts';
import type { CutTuple } from '../enforcement/desired.ts';
import type { SetReading } from '../enforcement/reading.ts';
import type { LeakCause } from '../enforcement/verify.ts';
import type { Lease, Neighbour } from '../identity/sighting.ts';
import type { Named } from '../names/naming.ts';
import type { EventType } from '../policy/incident.ts';
import type { DegradedReason } from './degraded.ts';

/** When an input reached the daemon: monotonic for every window, wall clock for display only. Milliseconds. */
export interface Instant {
  readonly nowMs: number;
  readonly wallMs: number;
}

/** Where a request came from: the road decides what it may do. */
export type RequestOrigin = 'socket' | 'mqtt';

/** Everything that can happen to the daemon. One union, so that a file of inputs replays it. */
export type Input =
  | { readonly type: 'config'; readonly config: Config }
  | { readonly type: 'flow'; readonly flow: FlowEvent }
  /** A listing of live mail flows, complete for the ports asked. */
  | {
      readonly type: 'flows';
      readonly flows: readonly FlowEvent[];
      readonly complete: boolean;
      readonly ports: readonly MailPort[];
    }
  /** Events were lost: flows since then may be missing. */
  | { readonly type: 'gap'; readonly reason: string }
  | { readonly type: 'neighbours'; readonly neighbours: readonly Neighbour[] }
  | { readonly type: 'leases'; readonly leases: readonly Lease[] }
  /** Addresses of the host name of a configured relay, as the router's resolver gave them. */
  | { readonly type: 'resolved'; readonly host: string; readonly addresses: readonly string[] }
  /** What the blocklists say of the home's own addresses. */
  | ({ readonly type: 'looked_up' } & LookUp)
  /** Whether a link outwards is up, and packets that arrived from beyond it (absent where nothing could be read). */
  | { readonly type: 'upstream'; readonly linked: boolean; readonly arrivals?: number }
  /** Ways from outside to the device, as the firewall's rules had them. */
  | { readonly type: 'doors'; readonly device: string; readonly found: FoundDoors }
  /** What the names say by which the router's DNS gave out the addresses; only of mail servers. */
  | { readonly type: 'named'; readonly addresses: readonly string[]; readonly named: Named }
  | { readonly type: 'sets'; readonly reading: SetReading }
  | { readonly type: 'tick' }
  | {
      readonly type: 'request';
      readonly request: Request;
      readonly origin: RequestOrigin;
      readonly replyTo: number;
    }
  /** The outcome of the last `apply`. `full` names what did not take all that was meant for it; as before where absent. */
  | {
      readonly type: 'applied';
      readonly ok: boolean;
      readonly error?: string;
      readonly full?: readonly string[];
    }
  /** What the check of our table found; the table was repaired already. */
  | { readonly type: 'drift'; readonly differences: readonly string[] }
  /** What a look after an action found: how many flows it ended, and which of them moved again, and why. */
  | {
      readonly type: 'verified';
      readonly device: string;
      readonly moving: readonly CutTuple[];
      readonly ended: number;
      readonly why?: LeakCause;
    }
  /** A condition of the surroundings began or ended. */
  | {
      readonly type: 'condition';
      readonly reason: DegradedReason;
      readonly on: boolean;
      readonly detail?: string;
    }
  /** Once, soon after the start: what the last run had counted of the week, by the hour (oldest first), and how long ago. */
  | { readonly type: 'week'; readonly counts: Readonly<Record<string, unknown>>; readonly agoMs: number }
  /** What the history tells: of one device, the rest of a sentence; or of the home. */
  | {
      readonly type: 'remark';
      readonly event: EventType;
      readonly key?: DeviceKey;
      readonly text: string;
    }
  /** Only at start: the saved state, the bans that the kernel holds, and whether the router restarted since that was saved. */
  | {
      readonly type: 'restore';
      readonly snapshot: unknown;
      readonly adopted: readonly AdoptedBan[];
      readonly restarted?: boolean;
    };

/** A ban found in the kernel's table at start, or a release; those come first. */
export interface AdoptedBan {
  readonly set: 'released' | 'blocked' | 'restricted' | 'slowed' | 'quarantined';
  readonly key: string;
  /** Time left; absent where the element has no end. */
  readonly remainingMs?: number;
}

/** An input with the instant at which it came: one line of a recording. */
export type StampedInput = Input & { readonly at: Instant };
