import type { DeviceKey } from '../address/device-key.ts';
import type { Network } from '../config/config.ts';
import type { MailPort } from '../conntrack/flow.ts';

/** A device held by one of the ban sets. A ban with `endMs` ends in the kernel by itself. */
export interface HeldDevice {
  readonly key: DeviceKey;
  /** When it ends, on the monotonic clock; absent: until taken out; infinite: until the router restarts. */
  readonly endMs?: number;
}

/** Which budget a known device has; the rates live in budgets.ts. */
export type BudgetClass = 'iot' | 'default';

/** A device that has elements of its own in the budget sets, which no stranger can evict. */
export interface KnownDevice {
  readonly key: DeviceKey;
  readonly budget: BudgetClass;
}

/** One relay a device may use whatever else is refused to it. */
export interface AllowedRelay {
  readonly key: DeviceKey;
  readonly port: MailPort;
  /** A prefix in canonical text (`192.0.2.7`, `198.51.100.0/24`), or the name of a provider of the table. */
  readonly to: { readonly prefix: string } | { readonly provider: string };
  /** As a held device's. */
  readonly endMs?: number;
}

/** A declared mail server: matched by interface and device, and by address too where it is fixed. */
export interface ExemptDevice {
  readonly key: DeviceKey;
  readonly interface: string;
  readonly address?: string;
}

/** A provider's shared prefixes, for its relay set. The name is our own: `[a-z0-9_]+`. */
export interface ProviderBlock {
  readonly name: string;
  readonly prefixes: readonly string[];
}

/** What one flow is known by. */
export interface CutTuple {
  readonly src: string;
  readonly sport: number;
  readonly dst: string;
  readonly dport: MailPort;
}

/** One live flow that a ban ends. */
export interface CutFlow extends CutTuple {
  readonly endMs: number;
}

/** How long a cut flow's tuple stays: longer than any server waits for its next reply to be acknowledged. */
export const cutMs = 120_000;

/**
 * All that `table inet postern` should hold: a pure function of the engine's state. Bounds are those of sets.ts;
 * what is above a bound is left out from the end, so the strongest comes first.
 */
export interface DesiredRuleset {
  readonly networks: readonly Network[];
  readonly refuse: 'reset' | 'drop';
  /** False while the guard only observes or is paused: the table counts and refuses nothing. */
  readonly holding: boolean;
  /** Mask conntrack's events of everything but mail in the kernel (only where nobody else listens). */
  readonly maskEvents: boolean;
  readonly providers: readonly ProviderBlock[];
  readonly exempt: readonly ExemptDevice[];
  readonly blocked: readonly HeldDevice[];
  readonly restricted: readonly HeldDevice[];
  readonly slowed: readonly HeldDevice[];
  readonly quarantined: readonly HeldDevice[];
  /** Devices that reach port 25 of known relays only. Networks of class `iot` are strict as a whole. */
  readonly strict: readonly HeldDevice[];
  /** Devices on a strict network whose owner gave them another class. */
  readonly lenient: readonly HeldDevice[];
  readonly known: readonly KnownDevice[];
  readonly relays: readonly AllowedRelay[];
  /**
   * Live flows that a ban ends, newest last, for {@link cutMs}: their servers' packets are answered with a reset too,
   * so that what a device pipelined into an open session is not accepted after the cut.
   */
  readonly cuts: readonly CutFlow[];
  /** Released devices: neither budget nor strict holds them until the end. */
  readonly released: readonly HeldDevice[];
}
