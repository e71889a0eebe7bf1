import { type FlowEvent, flowKey } from '../conntrack/flow.ts';

/**
 * Flows of a device that an action did not end, from two listings of its rows some 0.4 s apart: those that an
 * offloading engine carries past our rules, and those where packets went both ways in between. The caller deletes
 * them (`conntrack -D`), which also ends the offloading. What only the device sends does not count: conntrack counts
 * packets before our rule refuses them. A row without counters that is still established cannot be told apart from
 * one at rest; it is named in `unknown`.
 */
export function flowsStillMoving(
  before: readonly FlowEvent[],
  after: readonly FlowEvent[],
): { readonly moving: readonly FlowEvent[]; readonly unknown: readonly FlowEvent[] } {
  const earlier = new Map(before.map((flow) => [flowKey(flow), flow]));
  const moving: FlowEvent[] = [];
  const unknown: FlowEvent[] = [];
  for (const flow of after) {
    const past = earlier.get(flowKey(flow));
    if (flow.offload !== undefined) moving.push(flow);
    else if (!flow.out || !flow.back || (past && (!past.out || !past.back))) {
      if (flow.assured && flow.tcpState === 'ESTABLISHED') unknown.push(flow);
    } else if (grew(past?.out, flow.out) && grew(past?.back, flow.back)) moving.push(flow);
  }
  return { moving, unknown };
}

/** A counter that goes backwards was zeroed by another program: that is no sign of rest. */
function grew(past: FlowEvent['out'], now: NonNullable<FlowEvent['out']>): boolean {
  return past === undefined ? now.packets > 0 : now.packets !== past.packets;
}
