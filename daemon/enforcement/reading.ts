import type { DeviceKey } from '../address/device-key.ts';
import type { MailPort } from '../conntrack/flow.ts';

/** One element of a ledger: new mail connections of one device from one source address to one port. */
export interface LedgerRow {
  readonly network: string;
  /** The MAC's key where the network has Ethernet, else the address's. */
  readonly key: DeviceKey;
  readonly src: string;
  readonly port: MailPort;
  /** New connections since the element was made; it lives an hour beyond the last one. */
  readonly connections: number;
}

/** One element of the attempts sets: refused new connections of a device to one destination. */
export interface AttemptRow {
  readonly key: DeviceKey;
  readonly dst: string;
  readonly port: MailPort;
  readonly attempts: number;
}

/** Packets of one device that were refused because its budget was used up. */
export interface OverrunRow {
  readonly key: DeviceKey;
  readonly packets: number;
}

/** What one reading of the dynamic sets found, and which of them were full. */
export interface SetReading {
  /** Absent where it was not read. */
  readonly ledger?: readonly LedgerRow[];
  readonly attempts: readonly AttemptRow[];
  readonly overruns: readonly OverrunRow[];
  /** Names of sets that are at their bound. */
  readonly full: readonly string[];
}
