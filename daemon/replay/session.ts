import { type Counters, type FlowEvent, flowKey } from '../conntrack/flow.ts';
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
  /** Its last event. The engine keeps none, so one object tells a session's whole life. */
  readonly event: { -readonly [Name in keyof FlowEvent]: FlowEvent[Name] };
}

/** A session that begins. */
export function newSession(flow: ReplayFlow, id: number, startMs: number): Session {
  const { src, sport, dst, dport, replySrc } = flow;
  const family = src.includes(':') ? 6 : 4;
  const event: Session['event'] = {
    kind: 'new',
    family,
    src,
    sport,
    dst,
    dport,
    replySrc,
    id,
    tcpState: 'SYN_SENT',
    replied: false,
    assured: false,
    out: undefined,
    back: undefined,
    key: flowKey(flow),
  };
  return { flow, id, family, startMs, open: true, event };
}

/** The event of its first packet; of a flow that the log shows from the middle, as conntrack picks one up. */
export function beginning(session: Session): FlowEvent {
  const isMidway = session.flow.midway === true;
  return became(session, 'new', isMidway ? 'ESTABLISHED' : 'SYN_SENT', isMidway);
}

/** The event of its completed handshake. */
export function handshake(session: Session): FlowEvent {
  return became(session, 'update', 'ESTABLISHED', true);
}

/** The event of its end, with the counters of the part of it (0 to 1) that went through. */
export function ending(session: Session, share: number): FlowEvent {
  const { state, out = usual[state]?.out, back = usual[state]?.back } = session.flow;
  const { event } = session;
  if (out && back) {
    event.out = shareOf(out, share);
    event.back = shareOf(back, share);
  }
  const isOpen = isEstablished(session.flow);
  return became(session, 'destroy', isOpen ? 'TIME_WAIT' : endStates[state], isOpen);
}

const endStates: Readonly<Record<ReplayFlow['state'], string>> = {
  timeout: 'SYN_SENT',
  refused: 'CLOSE',
  established: 'TIME_WAIT',
  est_nodata: 'TIME_WAIT',
};

function became({ event }: Session, kind: FlowEvent['kind'], tcpState: string, isOpen: boolean): FlowEvent {
  event.kind = kind;
  event.tcpState = tcpState;
  event.replied = isOpen;
  event.assured = isOpen;
  return event;
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
  const established = isEstablished(flow);
  const traffic = family === 4 ? { established, out, back } : trafficOf({ family, established, out, back });
  return traffic ? Math.floor(messagesOf(traffic) * share) : 0;
}
