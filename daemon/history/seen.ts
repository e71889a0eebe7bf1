import type { DeviceKey } from '../address/device-key.ts';
import type { MailPort } from '../conntrack/flow.ts';

/** What was seen of a device's mail at one moment: connections that began, mail that went through, or what was refused. */
export interface Seen {
  readonly key: DeviceKey;
  /** The server, in canonical text. */
  readonly address: string;
  readonly port: MailPort;
  /** Connections that began. */
  readonly connections?: number;
  /** Connections of which the first message went through. */
  readonly delivered?: number;
  /** Messages that went through, by estimate. */
  readonly messages?: number;
  /** Connections that the guard refused. */
  readonly refused?: number;
  /** It speaks for a bot. */
  readonly odd?: boolean;
}

/** The time span that a row speaks for: a minute, or where counts were condensed an hour or a day. Minutes. */
export const tierMinutes = [1, 60, 1440] as const;
export type Tier = 0 | 1 | 2;

/** One row as it is read: what a device did in one span at one port. */
export interface Row {
  /** The span's first minute since 1970. */
  readonly minute: number;
  readonly tier: Tier;
  readonly port: MailPort;
  /** The server: IPv4, or the first address of an IPv6 /64; absent where several servers share the row. */
  readonly address: Address | undefined;
  readonly connections: number;
  readonly delivered: number;
  readonly messages: number;
  readonly refused: number;
}

/** An address as the history keeps it: 32 bits of IPv4 in `low`, or the first 64 bits of IPv6. */
export interface Address {
  readonly family: 4 | 6;
  readonly high: number;
  readonly low: number;
}
