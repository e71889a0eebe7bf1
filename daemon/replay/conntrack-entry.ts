import type { Counters, FlowEvent } from '../conntrack/flow.ts';
import { isBirth } from '../conntrack/tracked-flow.ts';
import type { ReplayFlow } from './replay-flow.ts';

/** One entry of conntrack's table as its events showed it so far. */
export interface ConntrackEntry {
  readonly event: FlowEvent;
  readonly startS: number;
  /** Its NEW was not seen, or was none of a SYN. */
  readonly midway: boolean;
  readonly id: number | undefined;
  readonly established: boolean;
  readonly replied: boolean;
  /** The last state of its closing was entered. */
  readonly closedS: number | undefined;
  readonly lastS: number;
  readonly out: Counters | undefined;
  readonly back: Counters | undefined;
}

const closing = new Set(['FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE']);
/** How long a closed entry stays before its DESTROY (nf_conntrack_tcp_timeout_time_wait). */
const timeWaitS = 120;

/** The entry at its first event. */
export function entryOf(event: FlowEvent, atS: number): ConntrackEntry {
  return {
    event,
    startS: atS,
    midway: !isBirth(event),
    id: event.id,
    established: false,
    replied: false,
    closedS: undefined,
    lastS: atS,
    out: undefined,
    back: undefined,
  };
}

/** The entry after an event, its first one included. */
export function withEvent(entry: ConntrackEntry, event: FlowEvent, atS: number): ConntrackEntry {
  return {
    ...entry,
    id: entry.id ?? event.id,
    established: entry.established || event.assured || event.offload !== undefined,
    replied: entry.replied || (event.replied && event.kind !== 'new'),
    closedS: closedAfter(entry, event, atS),
    lastS: atS,
    out: event.out ?? entry.out,
    back: event.back ?? entry.back,
  };
}

function closedAfter({ closedS, startS }: ConntrackEntry, event: FlowEvent, atS: number): number | undefined {
  const state = event.tcpState ?? '';
  if (event.kind !== 'destroy') return closing.has(state) ? atS : closedS;
  return closedS ?? (state === 'TIME_WAIT' ? Math.max(startS, atS - timeWaitS) : undefined);
}

/** The flow that the entry was; `endS` is its DESTROY, or the end of what is known of it. */
export function flowOfEntry(entry: ConntrackEntry, endS: number, unfinished: boolean): ReplayFlow {
  const { src, sport, dst, dport, replySrc } = entry.event;
  const { startS, out, back } = entry;
  return {
    tsS: startS,
    src,
    dst,
    sport,
    dport,
    replySrc: replySrc === dst ? undefined : replySrc,
    state: stateOf(entry),
    durationS: Math.max(0, (entry.closedS ?? endS) - startS),
    out,
    back,
    midway: entry.midway ? true : undefined,
    unfinished: unfinished && entry.closedS === undefined ? true : undefined,
  };
}

function stateOf({ established, replied, back }: ConntrackEntry): ReplayFlow['state'] {
  if (established) return 'established';
  // A refusal is one packet back, which conntrack does not call a reply.
  return replied || (back?.packets ?? 0) > 0 ? 'refused' : 'timeout';
}
