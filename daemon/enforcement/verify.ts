import { type DeviceKey, keyOfMac, targetOf } from '../address/device-key.ts';
import { type FlowEvent, flowKey } from '../conntrack/flow.ts';
import type { Neighbour } from '../identity/sighting.ts';
import type { HitRow } from './readings.ts';

/**
 * Flows of a device that an action did not end, from two listings of its rows some 0.35 s apart: those that an
 * offloading engine carries past our rules, and those where packets went both ways in between. The caller deletes
 * them (`conntrack -D`), which also ends the offloading. What only the device sends does not count: conntrack counts
 * packets before our rule refuses them. A row without counters that is still established cannot be told apart from
 * one at rest, so it is among them: once deleted, only packets that pass make it anew.
 */
export function flowsStillMoving(before: readonly FlowEvent[], after: readonly FlowEvent[]): FlowEvent[] {
  const earlier = new Map(before.map((flow) => [flowKey(flow), flow]));
  return after.filter((flow) => {
    const past = earlier.get(flowKey(flow));
    if (flow.offload !== undefined) return true;
    if (!flow.out || !flow.back || (past && (!past.out || !past.back)))
      return flow.assured && flow.tcpState === 'ESTABLISHED';
    return grew(past?.out, flow.out) && grew(past?.back, flow.back);
  });
}

/** Why flows went on after their entries were deleted. */
export type LeakCause =
  /** An engine carries them past every rule, again. */
  | { readonly cause: 'offload' }
  /** The address that they come from is another MAC's now: the same device's, or somebody else's. */
  | { readonly cause: 'mac'; readonly address: string; readonly mac: string }
  /** By the counters of the ban, no packet of the device came to our rules at all. */
  | { readonly cause: 'path' }
  /** The rules refuse packets of the device, and these pass. */
  | { readonly cause: 'rules' };

/** The cause of what moves and is surely the device's; `hits` are the counters of the bans. */
export function leakCauseOf(
  device: DeviceKey,
  moving: readonly FlowEvent[],
  hits: readonly HitRow[],
): LeakCause {
  if (moving.some(({ offload }) => offload)) return { cause: 'offload' };
  return { cause: hits.some(({ key, packets }) => key === device && packets > 0) ? 'rules' : 'path' };
}

/** Who has an address of the device now, where that is surely not the device. One that is known by its address keeps it. */
export function takersOf(device: DeviceKey, neighbours: readonly Neighbour[]): Neighbour[] {
  if (targetOf(device)?.kind !== 'mac') return [];
  const fresh = neighbours.filter((row) => row.fresh);
  const own = fresh.filter(({ mac }) => keyOfMac(mac) === device).map(({ address }) => address);
  return fresh.filter(({ address }) => !own.includes(address));
}

/** A counter that goes backwards was zeroed by another program: that is no sign of rest. */
function grew(past: FlowEvent['out'], now: NonNullable<FlowEvent['out']>): boolean {
  return past === undefined ? now.packets > 0 : now.packets !== past.packets;
}
