import type { Counters, FlowEvent } from '../conntrack/flow.ts';
import { trafficOf } from '../conntrack/traffic.ts';
import { messagesOf } from '../detection/outcome.ts';
import { isEstablished, type ReplayFlow } from './replay-flow.ts';

/** A flow that the guard let begin. */
export interface Session {
  readonly flow: ReplayFlow;
  /** Unique within its device, as conntrack's id: ports are used again. */
  readonly id: number;
  readonly family: 4 | 6;
  readonly startMs: number;
  open: boolean;
}

/** A session that begins. */
export function newSession(flow: ReplayFlow, id: number, startMs: number): Session {
  return { flow, id, family: flow.src.includes(':') ? 6 : 4, startMs, open: true };
}

/** The event of its first packet; of a flow that the log shows from the middle, as conntrack picks one up. */
export function beginning(session: Session): FlowEvent {
  const isMidway = session.flow.midway === true;
  return eventOf(session, 'new', isMidway ? 'ESTABLISHED' : 'SYN_SENT', isMidway);
}

/** The event of its completed handshake. */
export function handshake(session: Session): FlowEvent {
  return eventOf(session, 'update', 'ESTABLISHED', true);
}

/** The event of its end, with the counters of the part of it (0 to 1) that went through. */
export function ending(session: Session, share: number): FlowEvent {
  const { state, out = usual[state]?.out, back = usual[state]?.back } = session.flow;
  const isOpen = isEstablished(session.flow);
  const event = eventOf(session, 'destroy', isOpen ? 'TIME_WAIT' : endStates[state], isOpen);
  if (out && back) Object.assign(event, { out: shareOf(out, share), back: shareOf(back, share) });
  return event;
}

const endStates: Readonly<Record<ReplayFlow['state'], string>> = {
  timeout: 'SYN_SENT',
  refused: 'CLOSE',
  established: 'TIME_WAIT',
  est_nodata: 'TIME_WAIT',
};

function eventOf(
  { flow, id, family }: Session,
  kind: FlowEvent['kind'],
  tcpState: string,
  isOpen: boolean,
): FlowEvent {
  const { src, sport, dst, dport, replySrc } = flow;
  const event = { kind, family, src, sport, dst, dport, id, tcpState, replied: isOpen, assured: isOpen };
  return replySrc === undefined ? event : { ...event, replySrc };
}

/** What a flow without a handshake counts where the log counts nothing. */
const usual: {
  readonly [Name in ReplayFlow['state']]?: { readonly out: Counters; readonly back: Counters };
} = {
  timeout: { out: { packets: 3, bytes: 180 }, back: { packets: 0, bytes: 0 } },
  refused: { out: { packets: 1, bytes: 60 }, back: { packets: 1, bytes: 40 } },
};

function shareOf(counters: Counters, share: number): Counters {
  if (share >= 1) return counters;
  return { packets: Math.floor(counters.packets * share), bytes: Math.floor(counters.bytes * share) };
}

/** How much of it has passed at that time, 0 to 1, as if it went evenly. */
export function passedAt({ flow, startMs }: Session, nowMs: number): number {
  const ms = flow.durationS * 1000;
  return ms <= 0 ? 0 : Math.max(0, Math.min(1, (nowMs - startMs) / ms));
}

/** The messages, as the detection estimates them, that are through when this part of it has passed. */
export function messagesIn({ flow, family }: Session, share: number): number {
  const { out, back } = flow;
  if (!out || !back) return 0;
  const traffic = trafficOf({ family, established: isEstablished(flow), out, back });
  return traffic ? Math.floor(messagesOf(traffic) * share) : 0;
}
