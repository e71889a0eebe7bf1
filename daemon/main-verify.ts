import { keyOfMac } from './address/device-key.ts';
import { type FlowEvent, flowKey, type MailPort } from './conntrack/flow.ts';
import { deleteFlow, deleteFlowsOf } from './conntrack/listing.ts';
import { flowsStillMoving } from './enforcement/verify.ts';
import type { Effect } from './engine/effect.ts';
import { listNow } from './main-listing.ts';
import type { Running } from './main-running.ts';
import { run } from './system/process.ts';

/** How long a cut needs to show: the device's next packet meets the reject. */
const settleMs = 300;
/** Between two looks. */
const apartMs = 400;
/** Checks that wait; the oldest goes. Bans have the same bound. */
const maxPending = 512;

type Check = Extract<Effect, { type: 'verify' }>;

/** A device whose cut is being checked; `before` is what the first look left of it, `deleted` how many it ended. */
interface Pending {
  readonly check: Check;
  readonly before?: readonly FlowEvent[];
  readonly deleted: number;
}

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms).unref());

/**
 * Sees that nothing of a held device moves any more; what an offloading engine carries past the rules is deleted. One
 * look serves all devices that wait for one: in a mass event each listing would else delay the next ban.
 */
export function createVerifier(running: Running): (check: Check) => void {
  let pending: Pending[] = [];
  let isBusy = false;

  async function work(): Promise<void> {
    isBusy = true;
    await pause(settleMs);
    while (pending.length > 0 && !running.stopped) {
      const round = pending;
      pending = [];
      const { flows } = await listNow(livePorts(running), 'assured');
      for (const one of round) {
        const again = await judge(one, flows);
        if (again) pending.push(again);
      }
      if (pending.length > 0) await pause(apartMs);
    }
    isBusy = false;
  }

  /** Reports, or returns what a second look must judge: whether rows move takes two, offloaded ones are ended at once. */
  async function judge({ check, before, deleted }: Pending, flows: readonly FlowEvent[]) {
    const own = flows.filter((flow) => isChecked(check, flow));
    const ended = before ? flowsStillMoving(before, own).moving : own.filter(({ offload }) => offload);
    const gone = await deleteAll(ended);
    const sum = deleted + gone;
    if (!before && own.length > 0)
      return { check, before: own.filter(({ offload }) => !offload), deleted: sum };
    running.dispatch({ type: 'verified', device: check.device, moving: ended.length - gone, deleted: sum });
    return undefined;
  }

  /** Who never mailed is looked for rarely: so the router's neighbours are asked who has which address now. */
  async function endAll({ device, addresses }: Check): Promise<void> {
    const rows = await running.neighbours.read();
    const own = rows.filter(({ mac }) => keyOfMac(mac) === device).map(({ address }) => address);
    for (const address of new Set([...addresses, ...own])) await deleteFlowsOf(run, address);
  }

  async function begin(check: Check): Promise<void> {
    // What an engine is known to carry passes no rule: its messages would go out while we wait for the rules to show.
    const live = [...running.state.flows.live.values()];
    if (check.everything) await endAll(check);
    const deleted = await deleteAll(live.filter((flow) => flow.offload && isChecked(check, flow)));
    pending = [...pending.filter((one) => one.check.device !== check.device), { check, deleted }];
    pending = pending.slice(-maxPending);
    if (!isBusy) await work();
  }

  return (check) => void begin(check);
}

/** Returns how many of them were there still. */
async function deleteAll(flows: readonly Parameters<typeof deleteFlow>[1][]): Promise<number> {
  let deleted = 0;
  for (const flow of flows) if (await deleteFlow(run, flow)) deleted++;
  return deleted;
}

function isChecked({ addresses, flows }: Check, flow: Parameters<typeof flowKey>[0]): boolean {
  return addresses.includes(flow.src) && (flows === undefined || flows.includes(flowKey(flow)));
}

/** The ports with live flows: each costs a run of conntrack. */
function livePorts({ state }: Running): MailPort[] {
  const ports = new Set([...state.flows.live.values()].map(({ dport }) => dport));
  return ports.size > 0 ? [...ports] : [25];
}
