import { type FlowEvent, flowKey, type MailPort } from './conntrack/flow.ts';
import { deleteFlow, listMailFlows } from './conntrack/listing.ts';
import { flowsStillMoving } from './enforcement/verify.ts';
import type { Effect } from './engine/effect.ts';
import type { Running } from './main-running.ts';
import { run } from './system/process.ts';

/** How long a cut needs to show: the device's next packet meets the reject. */
const settleMs = 300;
/** Between two looks. */
const apartMs = 1000;
/** Checks that wait; the oldest goes. Bans have the same bound. */
const maxPending = 512;

type Check = Extract<Effect, { type: 'verify' }>;

/** A device whose cut is being checked; `before` is what the first look showed of it. */
interface Pending {
  readonly check: Check;
  readonly before: readonly FlowEvent[] | undefined;
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
      const { flows } = await listMailFlows(run, livePorts(running), 'assured');
      for (const one of round) {
        const before = await judge(one, flows);
        if (before) pending.push({ check: one.check, before });
      }
      if (pending.length > 0) await pause(apartMs);
    }
    isBusy = false;
  }

  /** Reports, or returns what was seen where a second look must tell. */
  async function judge({ check, before }: Pending, flows: readonly FlowEvent[]) {
    const own = flows.filter((flow) => isChecked(check, flow));
    if (before === undefined && own.length > 0) return own;
    const { moving } = flowsStillMoving(before ?? [], own);
    let deleted = 0;
    for (const flow of moving) if (await deleteFlow(run, flow)) deleted++;
    running.dispatch({ type: 'verified', device: check.device, moving: moving.length - deleted, deleted });
    return undefined;
  }

  return (check) => {
    pending = [...pending.filter((one) => one.check.device !== check.device), { check, before: undefined }];
    pending = pending.slice(-maxPending);
    if (!isBusy) void work();
  };
}

function isChecked({ addresses, flows }: Check, flow: FlowEvent): boolean {
  return addresses.includes(flow.src) && (flows === undefined || flows.includes(flowKey(flow)));
}

/** The ports with live flows: each costs a run of conntrack. */
function livePorts({ state }: Running): MailPort[] {
  const ports = new Set([...state.flows.live.values()].map(({ dport }) => dport));
  return ports.size > 0 ? [...ports] : [25];
}
