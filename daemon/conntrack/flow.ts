/** The ports that carry mail away from a home: SMTP relay, submission over TLS, submission, and its common alternative. */
export const mailPorts = [25, 465, 587, 2525] as const;
export type MailPort = (typeof mailPorts)[number];

/** Packets and bytes one way, as `nf_conntrack_acct` counts them (bytes include IP headers). */
export interface Counters {
  readonly packets: number;
  readonly bytes: number;
}

/**
 * One mail flow as conntrack told it: an event line (`new`, `update`, `destroy`) or a row of a listing (`row`).
 * Addresses are the originals, before NAT, in canonical text: `src` is the device at home.
 */
export interface FlowEvent {
  readonly kind: 'new' | 'update' | 'destroy' | 'row';
  readonly family: 4 | 6;
  readonly src: string;
  readonly sport: number;
  readonly dst: string;
  readonly dport: MailPort;
  /** Source of the reply direction; differs from `dst` where the router redirects (hairpin, port forward). */
  readonly replySrc?: string | undefined;
  /** conntrack's id, unique only while the entry lives. */
  readonly id?: number;
  /** conntrack's own clock at printing, seconds since the epoch with microseconds. */
  readonly printedAtS?: number;
  /** SYN_SENT, ESTABLISHED, …; absent on offloaded entries. */
  readonly tcpState?: string;
  /** An answer was seen (no `[UNREPLIED]`). */
  readonly replied: boolean;
  /** The handshake completed and data went both ways (`[ASSURED]`). */
  readonly assured: boolean;
  readonly offload?: 'software' | 'hardware';
  /** From the device outwards; absent where accounting is off or the line has none. */
  readonly out?: Counters | undefined;
  readonly back?: Counters | undefined;
  /** {@link flowKey} of it, where whoever made the event knows it already. */
  readonly key?: string;
}

/** Identifies a flow over its events: the original tuple. */
export function flowKey(flow: Pick<FlowEvent, 'src' | 'sport' | 'dst' | 'dport'>): string {
  return `${flow.src} ${flow.sport} ${flow.dst} ${flow.dport}`;
}
