import type { Counters, MailPort } from '../conntrack/flow.ts';

/** One flow of a log to a mail port, whatever the log's format. Addresses are canonical text. */
export interface ReplayFlow {
  /** Start, seconds since the epoch. */
  readonly tsS: number;
  readonly src: string;
  /** The device's MAC where the log has one, else the address is the device. */
  readonly mac?: string | undefined;
  readonly dst: string;
  readonly sport: number;
  readonly dport: MailPort;
  /** Source of the reply direction where it is another than `dst`: a redirect or hairpin. */
  readonly replySrc?: string | undefined;
  /** How it went: nobody answered, refused, handshake and data, or handshake only. */
  readonly state: 'timeout' | 'refused' | 'established' | 'est_nodata';
  readonly durationS: number;
  /** Packets and bytes with IP headers; absent where the log counts none. */
  readonly out?: Counters | undefined;
  readonly back?: Counters | undefined;
  /** The log does not show how it began: it is no new connection, and only its volume counts. */
  readonly midway?: true | undefined;
  /** The log ends before the flow did: it has no outcome but silence. */
  readonly unfinished?: true | undefined;
  /** The log's own word about the device, if it has one. */
  readonly label?: string | undefined;
}

/** Whether the handshake completed. */
export const isEstablished = ({ state }: Pick<ReplayFlow, 'state'>): boolean =>
  state === 'established' || state === 'est_nodata';
