import type { Counters } from '../conntrack/flow.ts';

/** One finished flow of a log, whatever its format. Addresses are canonical text. */
export interface ReplayFlow {
  /** Start, seconds since the epoch. */
  readonly tsS: number;
  readonly src: string;
  /** The device's MAC where the log has one, else the address is the device. */
  readonly mac?: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number;
  /** How it went: nobody answered, refused, handshake and data, or handshake only. */
  readonly state: 'timeout' | 'refused' | 'established' | 'est_nodata';
  readonly durationS: number;
  /** Packets and bytes with IP headers; absent where the log counts none. */
  readonly out?: Counters;
  readonly back?: Counters;
  /** The log's own word about the device, if it has one. */
  readonly label?: string;
}
