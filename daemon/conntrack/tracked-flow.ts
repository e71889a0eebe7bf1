import { type Counters, type FlowEvent, flowKey, type MailPort } from './flow.ts';

/** What is known of one mail flow. Times are monotonic milliseconds. */
export interface TrackedFlow {
  /** {@link flowKey} of its tuple: unique among flows that live at one time. */
  readonly key: string;
  readonly family: 4 | 6;
  readonly src: string;
  readonly sport: number;
  readonly dst: string;
  readonly dport: MailPort;
  readonly replySrc?: string;
  readonly id?: number;
  /** When it was first seen. */
  readonly sinceMs: number;
  /** No new connection: it was there before we listened, or conntrack picked it up in the middle. */
  readonly adopted: boolean;
  /** Its beginning was not seen: found by a listing, an update or its end, so the time is late. */
  readonly late: boolean;
  readonly tcpState?: string;
  readonly offload?: FlowEvent['offload'];
  readonly replied: boolean;
  /** The handshake completed. */
  readonly established: boolean;
  /** One side closed. */
  readonly closing: boolean;
  readonly closed: boolean;
  /** Last seen without an answer; absent once there was one. */
  readonly unansweredMs?: number;
  /** It was reported as unanswered: its end has no other outcome to tell. */
  readonly silent: boolean;
  /** Last event or row. */
  readonly seenMs: number;
  /** Since the flow began, also where somebody zeroed the kernel's counters meanwhile. */
  readonly out?: Counters;
  readonly back?: Counters;
  /** What the kernel showed last, and what it had counted before it was zeroed. */
  readonly kernel?: { readonly out: Counters; readonly back: Counters };
  readonly before?: { readonly out: Counters; readonly back: Counters };
}

const closingStates = new Set(['FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE']);
/** Nothing of the session can follow: a row in one of these has the final counters. */
const finalStates = new Set(['LAST_ACK', 'TIME_WAIT', 'CLOSE']);

const noCounters: Counters = { packets: 0, bytes: 0 };
const noTraffic = { out: noCounters, back: noCounters };

/**
 * Whether a SYN made the entry. A NEW in another state is a packet of a session whose entry was deleted, or that is
 * older than the router's last start: conntrack picks it up in the middle (nf_conntrack_tcp_loose).
 */
export function isBirth(event: FlowEvent): boolean {
  return event.kind === 'new' && (event.tcpState === undefined || event.tcpState === 'SYN_SENT');
}

/** A flow as its first event shows it. */
export function firstSeen(event: FlowEvent, adopted: boolean, nowMs: number): TrackedFlow {
  const blank: TrackedFlow = {
    key: flowKey(event),
    family: event.family,
    src: event.src,
    sport: event.sport,
    dst: event.dst,
    dport: event.dport,
    sinceMs: nowMs,
    adopted,
    late: !adopted && event.kind !== 'new',
    replied: false,
    established: false,
    closing: false,
    closed: false,
    silent: false,
    seenMs: nowMs,
  };
  return seenAgain(blank, event, nowMs);
}

type Draft = { -readonly [Name in keyof TrackedFlow]: TrackedFlow[Name] };

/** The flow after one more event or row. What was once true stays so: events may come late and twice. */
export function seenAgain(flow: TrackedFlow, event: FlowEvent, nowMs: number): TrackedFlow {
  const replied = flow.replied || (event.replied && event.kind !== 'new');
  const isFinal = event.kind === 'row' && finalStates.has(event.tcpState ?? '');
  // Member by member: this is the way of every event, and copying objects of many shapes is slow.
  const next: Draft = {
    key: flow.key,
    family: flow.family,
    src: flow.src,
    sport: flow.sport,
    dst: flow.dst,
    dport: flow.dport,
    sinceMs: flow.sinceMs,
    adopted: flow.adopted,
    late: flow.late,
    replied,
    established: flow.established || isEstablished(event),
    closing: flow.closing || closingStates.has(event.tcpState ?? ''),
    closed: flow.closed || event.kind === 'destroy' || (isFinal && event.out !== undefined),
    silent: flow.silent,
    seenMs: nowMs,
  };
  const replySrc = event.replySrc || flow.replySrc;
  if (replySrc !== undefined) next.replySrc = replySrc;
  const id = event.id ?? flow.id;
  if (id !== undefined) next.id = id;
  const tcpState = event.tcpState || flow.tcpState;
  if (tcpState !== undefined) next.tcpState = tcpState;
  const offload = event.offload ?? flow.offload;
  if (offload !== undefined) next.offload = offload;
  if (!replied) next.unansweredMs = nowMs;
  count(next, flow, event);
  return next;
}

/**
 * `[ASSURED]` comes with the last packet of the handshake; an offloaded flow has no state but was established. The
 * state ESTABLISHED alone proves nothing: conntrack gives it to a stray packet too (nf_conntrack_tcp_loose).
 */
function isEstablished(event: FlowEvent): boolean {
  return event.assured || event.offload !== undefined;
}

/** Other programs may zero the kernel's counters (`conntrack -L -z`): one that went back began anew. */
function count(next: Draft, flow: TrackedFlow, event: FlowEvent): void {
  if (!event.out || !event.back) {
    if (flow.out) next.out = flow.out;
    if (flow.back) next.back = flow.back;
    if (flow.kernel) next.kernel = flow.kernel;
    if (flow.before) next.before = flow.before;
    return;
  }
  const last = flow.kernel ?? noTraffic;
  const wasZeroed = event.out.packets < last.out.packets || event.back.packets < last.back.packets;
  const earlier = flow.before ?? noTraffic;
  const before = wasZeroed
    ? { out: sum(earlier.out, last.out), back: sum(earlier.back, last.back) }
    : earlier;
  next.kernel = { out: event.out, back: event.back };
  next.before = before;
  next.out = sum(before.out, event.out);
  next.back = sum(before.back, event.back);
}

function sum(a: Counters, b: Counters): Counters {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}
