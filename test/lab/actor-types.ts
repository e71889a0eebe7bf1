import type { MacChangerArgs, MacChangerStats } from './actors/mac-changer.ts';
import type { OfficeArgs } from './actors/office.ts';
import type { DirectMxArgs } from './bots/direct-mx.ts';
import type { DownloadArgs, DownloadStats } from './bots/download.ts';
import type { MailClientArgs } from './bots/mail-client.ts';
import type { OneSessionArgs } from './bots/one-session.ts';
import type { SmallWritesArgs } from './bots/small-writes.ts';
import type { Stats } from './bots/stats.ts';

/** Arguments of a flood of complete connection attempts to ports of one host. */
export interface ConnectionFloodArgs {
  readonly host: string;
  /** A second, 5,000 unless given; 0 for as many as it can. */
  readonly rate?: number;
  readonly durationS: number;
  /** 100,000 unless given. */
  readonly maxConnections?: number;
  /** 1,000 ports from 9000 on unless given. */
  readonly firstPort?: number;
  readonly ports?: number;
}

/** Arguments of a flood of TCP segments (SYNs unless said) made by hand, from a new MAC and address with every frame. */
export interface SpoofFloodArgs {
  readonly targets: readonly string[];
  /** The router's MAC on that network; left out on a link without Ethernet. */
  readonly gatewayMac?: string;
  /** 25 unless given. */
  readonly ports?: readonly number[];
  /** One MAC for all frames instead of random ones. */
  readonly sourceMac?: string;
  /** Prefixes for random sources, `192.168.1.0/24` and `2001:db8:1::/64` unless given. */
  readonly source4?: string;
  readonly source6?: string;
  /** Random unless given: with both, later frames can belong to the connections of earlier ones. */
  readonly sourcePort?: number;
  readonly sequence?: number;
  /** `eth0` unless given. */
  readonly iface?: string;
  /** Flags of the TCP header, 2 (SYN) unless given; 4 is RST. */
  readonly flags?: number;
  /** None unless given. */
  readonly payloadBytes?: number;
  /** Frames a second, 20,000 unless given, and in all, 65,000 unless given. */
  readonly rate?: number;
  readonly count?: number;
  readonly durationS: number;
}

/** What a flood reports. */
export interface FloodStats {
  attempts: number;
  /** Connections that were refused (connection-flood). */
  refused?: number;
  /** Frames the interface did not take (spoof-flood). */
  lost?: number;
  /** Attained so far. */
  ratePerS: number;
  done: boolean;
}

/** The arguments of each actor. */
export interface ActorArgs {
  'direct-mx-bot': DirectMxArgs;
  'one-session-bot': OneSessionArgs;
  'live-session': Pick<OneSessionArgs, 'target' | 'durationS'> & Partial<OneSessionArgs>;
  'mac-changer': MacChangerArgs;
  'camera-alarm': MailClientArgs;
  'laptop-mail': MailClientArgs;
  printer: MailClientArgs;
  attachment: MailClientArgs;
  office: OfficeArgs;
  'small-writes': SmallWritesArgs;
  download: DownloadArgs;
  'connection-flood': ConnectionFloodArgs;
  'spoof-flood': SpoofFloodArgs;
}

/** What each actor reports. */
export interface ActorStats {
  'direct-mx-bot': Stats;
  'one-session-bot': Stats;
  'live-session': Stats;
  'mac-changer': MacChangerStats;
  'camera-alarm': Stats;
  'laptop-mail': Stats;
  printer: Stats;
  attachment: Stats;
  office: Stats;
  'small-writes': Stats;
  download: DownloadStats;
  'connection-flood': FloodStats;
  'spoof-flood': FloodStats;
}

/** An actor by the name of its file. */
export type ActorName = keyof ActorArgs;
