import type { Counters } from '../conntrack/flow.ts';
import type { Outcome } from './table.ts';

/** What outcomes are read from: the counters of a flow that ended, or of a live one so far. */
export interface Traffic {
  /** From the device outwards. */
  readonly out: Counters;
  readonly back: Counters;
  /** The handshake completed. */
  readonly established: boolean;
}

/** Bytes from the server from which on there was a TLS handshake: a certificate chain does not fit below. */
const tlsBytesIn = 2_000;
/** Bytes out below which no message can have gone through, plain and with TLS. */
const shortPlain = 750;
const shortTls = 1_600;
/** Full packets carry a message's body; these are left for what its dialogue costs. */
const segment = 1_448;
const packetsPerSession = 8;
const packetsForTls = 4;
const packetsPerMessage = 7.5;

const isTls = (traffic: Traffic) => traffic.back.bytes >= tlsBytesIn;

/** How the flow ended, judged by its counters alone. */
export function outcomeOf(traffic: Traffic): Outcome {
  if (!traffic.established) return 'no service';
  return traffic.out.bytes < (isTls(traffic) ? shortTls : shortPlain) ? 'short' : 'delivered';
}

/** The estimated number of messages so far: 0 until one can have gone through, then at least 1. */
export function messagesOf(traffic: Traffic): number {
  if (outcomeOf(traffic) !== 'delivered') return 0;
  const { packets, bytes } = traffic.out;
  const dialogue = packets - bytes / segment - packetsPerSession - (isTls(traffic) ? packetsForTls : 0);
  return Math.max(1, Math.round(dialogue / packetsPerMessage));
}
