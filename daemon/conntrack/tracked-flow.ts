import type { Counters, FlowEvent, MailPort } from './flow.ts';

/** What is known of one mail flow. Times are monotonic milliseconds. The flow table alone changes it, in place. */
export interface TrackedFlow {
  /** `flowKey` of its tuple: unique among flows that live at one time. */
  readonly key: string;
  readonly family: 4 | 6;
  readonly src: string;
  readonly sport: number;
  readonly dst: string;
  readonly dport: MailPort;
  readonly replySrc: string | undefined;
  readonly id: number | undefined;
  /** When it was first seen. */
  readonly sinceMs: number;
  /** No new connection: it was there before we listened, or conntrack picked it up in the middle. */
  readonly adopted: boolean;
  /** Its beginning was not seen: found by a listing, an update or its end, so the time is late. */
  readonly late: boolean;
  readonly tcpState: string | undefined;
  readonly offload: FlowEvent['offload'] | undefined;
  readonly replied: boolean;
  /** The handshake completed. */
  readonly established: boolean;
  /** One side closed. */
  readonly closing: boolean;
  readonly closed: boolean;
  /** Last seen without an answer; undefined once there was one. */
  readonly unansweredMs: number | undefined;
  /** It was reported as unanswered: its end has no other outcome to tell. */
  readonly silent: boolean;
  /** Last event or row. */
  readonly seenMs: number;
  /** Since the flow began, also where somebody zeroed the kernel's counters meanwhile. */
  readonly out: Counters | undefined;
  readonly back: Counters | undefined;
  /** What the kernel had counted before it was zeroed. */
  readonly before: { readonly out: Counters; readonly back: Counters } | undefined;
}

/** As the flow table changes it. */
export type ChangingFlow = { -readonly [Name in keyof TrackedFlow]: TrackedFlow[Name] };

const closingStates = new Set(['FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE']);
/** Nothing of the session can follow: a row in one of these has the final counters. */
const finalStates = new Set(['LAST_ACK', 'TIME_WAIT', 'CLOSE']);

/**
 * Whether a SYN made the entry. A NEW in another state is a packet of a session whose entry was deleted, or that is
 * older than the router's last start: conntrack picks it up in the middle (nf_conntrack_tcp_loose).
 */
export function isBirth(event: FlowEvent): boolean {
  return event.kind === 'new' && (event.tcpState === undefined || event.tcpState === 'SYN_SENT');
}

/** A flow as its first event shows it. Every member is there from the first, so that all flows have one shape. */
export function firstSeen(event: FlowEvent, key: string, adopted: boolean, nowMs: number): ChangingFlow {
  const flow: ChangingFlow = {
    key,
    family: event.family,
    src: event.src,
    sport: event.sport,
    dst: event.dst,
    dport: event.dport,
    replySrc: undefined,
    id: undefined,
    sinceMs: nowMs,
    adopted,
    late: !adopted && event.kind !== 'new',
    tcpState: undefined,
    offload: undefined,
    replied: false,
    established: false,
    closing: false,
    closed: false,
    unansweredMs: undefined,
    silent: false,
    seenMs: nowMs,
    out: undefined,
    back: undefined,
    before: undefined,
  };
  seeAgain(flow, event, nowMs);
  return flow;
}

/** Takes in one more event or row. What was once true stays so: events may come late and twice. */
export function seeAgain(flow: ChangingFlow, event: FlowEvent, nowMs: number): void {
  const { kind, tcpState } = event;
  if (event.replied && kind !== 'new') flow.replied = true;
  if (isEstablished(event)) flow.established = true;
  if (tcpState !== undefined && closingStates.has(tcpState)) {
    flow.closing = true;
    if (kind === 'row' && finalStates.has(tcpState) && event.out !== undefined) flow.closed = true;
  }
  if (kind === 'destroy') flow.closed = true;
  flow.seenMs = nowMs;
  flow.unansweredMs = flow.replied ? undefined : nowMs;
  if (event.replySrc) flow.replySrc = event.replySrc;
  if (event.id !== undefined) flow.id = event.id;
  if (tcpState) flow.tcpState = tcpState;
  if (event.offload !== undefined) flow.offload = event.offload;
  if (event.out && event.back) count(flow, event.out, event.back);
}

/**
 * `[ASSURED]` comes with the last packet of the handshake; an offloaded flow has no state but was established. The
 * state ESTABLISHED alone proves nothing: conntrack gives it to a stray packet too (nf_conntrack_tcp_loose).
 */
function isEstablished(event: FlowEvent): boolean {
  return event.assured || event.offload !== undefined;
}

/** Other programs may zero the kernel's counters (`conntrack -L -z`): one that went back began anew. */
function count(flow: ChangingFlow, out: Counters, back: Counters): void {
  const { before } = flow;
  const isBehind = (one: Counters, seen: Counters | undefined, earlier: Counters | undefined) =>
    seen !== undefined && one.packets < seen.packets - (earlier?.packets ?? 0);
  if (
    flow.out &&
    flow.back &&
    (isBehind(out, flow.out, before?.out) || isBehind(back, flow.back, before?.back))
  )
    flow.before = { out: flow.out, back: flow.back };
  flow.out = flow.before ? sum(flow.before.out, out) : out;
  flow.back = flow.before ? sum(flow.before.back, back) : back;
}

function sum(a: Counters, b: Counters): Counters {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}
