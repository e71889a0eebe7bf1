import type { Counters } from './flow.ts';
import type { TrackedFlow } from './tracked-flow.ts';

/** The counters of a flow as if it were IPv4 without options, which the estimates of outcome and messages assume. */
export interface FlowTraffic {
  readonly out: Counters;
  readonly back: Counters;
  readonly established: boolean;
}

/** An IPv6 header has 40 bytes, an IPv4 header 20; conntrack's byte counts include them. */
const extraHeader = 20;

/** The flow's counters, IPv6 made comparable; undefined where the kernel counted nothing. */
export function trafficOf(
  flow: Pick<TrackedFlow, 'family' | 'established' | 'out' | 'back'>,
): FlowTraffic | undefined {
  if (!flow.out || !flow.back) return undefined;
  const { out, back, established } = flow;
  return flow.family === 4
    ? { out, back, established }
    : { out: likeIp4(out), back: likeIp4(back), established };
}

const likeIp4 = ({ packets, bytes }: Counters): Counters => ({
  packets,
  bytes: Math.max(0, bytes - extraHeader * packets),
});
