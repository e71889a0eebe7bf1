import type { Counters, FlowEvent } from '../conntrack/flow.ts';
import { trafficOf } from '../conntrack/traffic.ts';
import { messagesOf } from '../detection/outcome.ts';
import { isEstablished, type ReplayFlow } from './replay-flow.ts';

/** A flow that the guard let begin. */
export interface Session {
  readonly flow: ReplayFlow;
  /** Unique within its device, as conntrack's id: ports are used again. */
  readonly id: number;
  readonly startMs: number;
  open: boolean;
}

const familyOf = ({ src }: ReplayFlow): 4 | 6 => (src.includes(':') ? 6 : 4);

/** The event of its first packet; of a flow that the log shows from the middle, as conntrack picks one up. */
export function beginning({ flow, id }: Session): FlowEvent {
  const { src, sport, dst, dport, replySrc, midway } = flow;
  return {
    kind: 'new',
    family: familyOf(flow),
    src,
    sport,
    dst,
    dport,
    id,
    tcpState: midway ? 'ESTABLISHED' : 'SYN_SENT',
    replied: midway === true,
    assured: midway === true,
    ...(replySrc !== undefined && { replySrc }),
  };
}

/** The event of its completed handshake. */
export function handshake(session: Session): FlowEvent {
  return { ...beginning(session), kind: 'update', tcpState: 'ESTABLISHED', replied: true, assured: true };
}

/** The event of its end, with the counters of the part of it (0 to 1) that went through. */
export function ending(session: Session, share: number): FlowEvent {
  const { flow } = session;
  const established = isEstablished(flow);
  const out = shareOf(flow.out ?? usual[flow.state]?.out, share);
  const back = shareOf(flow.back ?? usual[flow.state]?.back, share);
  return {
    ...beginning(session),
    kind: 'destroy',
    tcpState: established ? 'TIME_WAIT' : flow.state === 'refused' ? 'CLOSE' : 'SYN_SENT',
    replied: established,
    assured: established,
    ...(out && { out }),
    ...(back && { back }),
  };
}

/** What a flow without a handshake counts where the log counts nothing. */
const usual: Partial<Record<ReplayFlow['state'], { readonly out: Counters; readonly back: Counters }>> = {
  timeout: { out: { packets: 3, bytes: 180 }, back: { packets: 0, bytes: 0 } },
  refused: { out: { packets: 1, bytes: 60 }, back: { packets: 1, bytes: 40 } },
};

function shareOf(counters: Counters | undefined, share: number): Counters | undefined {
  if (!counters || share >= 1) return counters;
  return { packets: Math.floor(counters.packets * share), bytes: Math.floor(counters.bytes * share) };
}

/** How much of it has passed at that time, 0 to 1, as if it went evenly. */
export function passedAt({ flow, startMs }: Session, nowMs: number): number {
  const ms = flow.durationS * 1000;
  return ms <= 0 ? 0 : Math.max(0, Math.min(1, (nowMs - startMs) / ms));
}

/** The messages, as the detection estimates them, that are through when this part of it has passed. */
export function messagesIn({ flow }: Session, share: number): number {
  const { out, back } = flow;
  if (!out || !back) return 0;
  const traffic = trafficOf({ family: familyOf(flow), established: isEstablished(flow), out, back });
  return traffic ? Math.floor(messagesOf(traffic) * share) : 0;
}
