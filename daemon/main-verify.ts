import { keyOfMac } from './address/device-key.ts';
import { type FlowEvent, flowKey, type MailPort } from './conntrack/flow.ts';
import { deleteFlow, deleteFlowsOf } from './conntrack/listing.ts';
import { flowsStillMoving, leakCauseOf, takersOf } from './enforcement/verify.ts';
import type { Effect } from './engine/effect.ts';
import { listNow } from './main-listing.ts';
import type { Running } from './main-running.ts';
import { run } from './system/process.ts';

/** How long a cut needs to show: the device's next packet meets the reject. */
const settleMs = 200;
/** Between two looks: whoever waits for an answer has sent again by then. Three of them end within a second. */
const apartMs = 350;
/** Checks that wait; the oldest goes. Bans have the same bound. */
const maxPending = 512;

type Check = Extract<Effect, { type: 'verify' }>;

/** So many looks one check takes at most: one that finds what moves and ends it, and one that sees whether it comes again. */
const mostLooks = 3;

/** A device whose cut is being checked; `before` is what the last look left of it, `ended` how many flows were so far. */
interface Pending {
  readonly check: Check;
  readonly before?: readonly FlowEvent[];
  readonly looks: number;
  readonly ended: number;
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

  /**
   * Reports, or returns what the next look must judge: whether rows move takes two, offloaded ones are ended at once, and
   * what was ended is looked for again, since its packets may go on and make a new row.
   */
  async function judge({ check, before, looks, ended }: Pending, flows: readonly FlowEvent[]) {
    const own = flows.filter((flow) => isChecked(check, flow));
    const found = before ? flowsStillMoving(before, own) : own.filter(({ offload }) => offload);
    const takers = found.length > 0 ? takersOf(check.device, await running.neighbours.read()) : [];
    const takerOf = ({ src }: FlowEvent) => takers.find(({ address }) => address === src);
    // What may be somebody else's by now is told, and neither ended nor cut.
    const ours = found.filter((flow) => !takerOf(flow));
    const next = { check, looks: looks + 1, ended: ended + (await deleteAll(ours)) };
    const isOpen = before ? found.length > 0 : own.length > 0;
    if (isOpen && next.looks < mostLooks)
      return { ...next, before: own.filter((flow) => !ours.includes(flow)) };
    const taker = ours.length === 0 && found[0] ? takerOf(found[0]) : undefined;
    const why = taker ? ({ cause: 'mac', ...taker } as const) : await causeOf(check, ours);
    const moving = taker ? found : ours;
    const { device } = check;
    running.dispatch({ type: 'verified', device, moving, ended: next.ended, ...(why && { why }) });
    return undefined;
  }

  /** Reads what only a leak is worth reading. */
  async function causeOf({ device }: Check, moving: readonly FlowEvent[]) {
    const reading = moving.length > 0 ? await running.enforcer.read(['hits'], []) : undefined;
    return reading && leakCauseOf(device, moving, reading.hits);
  }

  /** Who never mailed is looked for rarely: so the router's neighbours are asked who has which address now. */
  async function endAll({ device, addresses, again }: Check): Promise<void> {
    const rows = await running.neighbours.read();
    const own = rows.filter(({ mac }) => keyOfMac(mac) === device).map(({ address }) => address);
    for (const address of new Set([...(again ? [] : addresses), ...own])) await deleteFlowsOf(run, address);
  }

  async function begin(check: Check): Promise<void> {
    // What an engine is known to carry passes no rule: its messages would go out while we wait for the rules to show.
    const live = [...running.state.flows.live.values()];
    if (check.everything) await endAll(check);
    const isKnown = (flow: (typeof live)[number]) => flow.offload && !check.again && isChecked(check, flow);
    const ended = await deleteAll(live.filter(isKnown));
    pending = [...pending.filter((one) => one.check.device !== check.device), { check, looks: 0, ended }];
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
