import { type FlowEvent, flowKey, mailPorts } from './conntrack/flow.ts';
import { deleteFlow, listMailFlows } from './conntrack/listing.ts';
import { flowsStillMoving } from './enforcement/verify.ts';
import type { Effect } from './engine/effect.ts';
import { run } from './system/process.ts';

/** How long a cut needs to show: the device's next packet meets the reject. */
const settleMs = 300;
/** Between the two looks. */
const apartMs = 1000;

/** What a check of an action found. */
export interface Verification {
  readonly moving: number;
  readonly deleted: number;
}

/** Sees that nothing of the device moves any more; what an offloading engine carries past the rules is deleted. */
export async function verifyAction(
  { addresses, flows }: Extract<Effect, { type: 'verify' }>,
  pause: (ms: number) => Promise<void>,
): Promise<Verification> {
  const look = async (): Promise<readonly FlowEvent[]> => {
    const listing = await listMailFlows(run, mailPorts, 'assured');
    return listing.flows.filter(
      (flow) => addresses.includes(flow.src) && (flows === undefined || flows.includes(flowKey(flow))),
    );
  };
  await pause(settleMs);
  const before = await look();
  if (before.length === 0) return { moving: 0, deleted: 0 };
  await pause(apartMs);
  const { moving } = flowsStillMoving(before, await look());
  let deleted = 0;
  for (const flow of moving) if (await deleteFlow(run, flow)) deleted++;
  return { moving: moving.length - deleted, deleted };
}
