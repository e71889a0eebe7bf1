import { type DeviceKey, keyOfAddress, routerKey } from '../address/device-key.ts';
import type { FlowEvent, MailPort } from '../conntrack/flow.ts';
import { applyFlow, applyListing, type FlowTransition, timedOut } from '../conntrack/flow-table.ts';
import type { TrackedFlow } from '../conntrack/tracked-flow.ts';
import { noteHandshake, type Step } from '../detection/observe.ts';
import { lookup } from '../identity/directory.ts';
import { banOn } from './ban-on.ts';
import { condition } from './conditions.ts';
import { contact, judge } from './contact.ts';
import { cutFlows } from './cuts.ts';
import { markOf } from './device-record.ts';
import { isHolding } from './hold.ts';
import { isInside, isRouter, leavesHome, networkAt } from './home.ts';
import { count } from './hourly.ts';
import { onClosed, onProgress, onSilent } from './on-outcome.ts';
import { onAnswer } from './on-upstream.ts';
import { recordOf } from './records.ts';
import { maxFlowEntries, maxWaiting, type Turn } from './state.ts';
import { silenceUntil } from './upstream.ts';

/** Takes in one event of conntrack. */
export function onFlow(turn: Turn, event: FlowEvent): void {
  if (!turn.state.heard) {
    turn.state.heard = true;
    condition(turn, 'no_events', false);
  }
  if (event.replied && event.kind !== 'new') onAnswer(turn, event);
  follow(turn, applyFlow(turn.state.flows, event, turn.at.nowMs));
}

/** `flow_offload` stays up for so long after the last offloaded flow. */
const offloadMs = 3_600_000;

/** Takes in a listing of live mail flows. */
export function onListing(
  turn: Turn,
  listing: { readonly flows: readonly FlowEvent[]; readonly complete: boolean },
  ports: readonly MailPort[],
): void {
  if (listing.flows.some(({ offload }) => offload !== undefined)) {
    condition(turn, 'flow_offload', true, undefined, turn.at.nowMs + offloadMs);
  }
  for (const flow of listing.flows) if (flow.replied) onAnswer(turn, flow);
  follow(turn, applyListing(turn.state.flows, listing, turn.at.nowMs, ports));
}

/** Flows that nobody answered within 10 s had no service. */
export function timeOutFlows(turn: Turn): void {
  const { state, at } = turn;
  const untilMs = silenceUntil(state.upstream, at.nowMs);
  const sight = { updates: state.maskEvents, lostMs: state.lostMs, untilMs };
  for (const flow of timedOut(state.flows, at.nowMs, sight)) onSilent(turn, flow);
  retryWaiting(turn);
}

function follow(turn: Turn, transitions: readonly FlowTransition[]): void {
  for (const { type, flow, lost } of transitions) {
    switch (type) {
      case 'opened':
        onOpened(turn, flow);
        break;
      case 'adopted':
        onAdopted(turn, flow);
        break;
      case 'established':
        onEstablished(turn, flow);
        break;
      case 'closing':
        // The DESTROY with the final counters comes two minutes later.
        turn.effects.push({ type: 'list', ports: [flow.dport], all: false });
        break;
      case 'progress':
        onProgress(turn, flow);
        break;
      case 'closed':
        onClosed(turn, flow, lost === true);
        break;
    }
  }
}

/** A new connection to a mail server: whose it is, and what it says. */
function onOpened(turn: Turn, flow: TrackedFlow): void {
  if (!leavesHome(turn.state.config, flow)) return;
  const owner = ownerOf(turn, flow.src);
  if (owner === 'unknown') wait(turn, flow);
  else take(turn, flow, owner);
}

/** A flow that is older than the daemon: only its volume counts. */
function onAdopted(turn: Turn, flow: TrackedFlow): void {
  if (!leavesHome(turn.state.config, flow)) return;
  const owner = ownerOf(turn, flow.src);
  if (owner === 'unknown') return;
  recordOf(turn, owner);
  enter(turn, flow, owner, undefined);
}

/** Counts a connection for its device, scores it, and ends it at once if the device is held. */
function take(turn: Turn, flow: TrackedFlow, key: DeviceKey): void {
  const { state, at } = turn;
  const record = recordOf(turn, key);
  record.connections++;
  record.lastMailMs = at.nowMs;
  const mark = markOf(record, flow.src, flow.dport);
  mark.seen++;
  if (flow.late && mark.lost > 0) {
    // One that was given up, and counted as such, is found after all.
    mark.lost--;
    record.withoutEvent--;
  } else count(record.hourly, 1, at.nowMs);
  count(state.week.connections, 1, at.nowMs);
  turn.changed.add(key);
  const { dst: address, dport: port, replied: answered } = flow;
  const step = contact(turn, record, { address, port, refused: false, answered });
  turn.effects.push({ type: 'mail', seen: { key, address, port, connections: 1, odd: isOdd(step) } });
  enter(turn, flow, key, step);
  // A connection that was on its way while the ban was made, or this very one that caused it.
  if (banOn(state, record) && isHolding(state, at.nowMs)) cutFlows(turn, record, [flow]);
}

const isOdd = (step: Step | undefined) => step !== undefined && step.llr > 0;

/** Takes a flow that waited for its owner's name: its handshake may have completed meanwhile, and proves the device. */
function takeLate(turn: Turn, flow: TrackedFlow, key: DeviceKey): void {
  take(turn, flow, key);
  const now = turn.state.flows.live.get(flow.key);
  if (now?.established) onEstablished(turn, now);
}

/** Notes whose flow it is. A flow that the flow table dropped has no end that would take its entry away: hence the bound. */
function enter({ state, at }: Turn, flow: TrackedFlow, key: DeviceKey, step: Step | undefined): void {
  const deferred = state.upstream.closed && !flow.replied && !flow.adopted;
  state.flowDevices.set(flow.key, { key, step, atMs: at.nowMs, deferred, messages: 0, delivered: false });
  if (state.flowDevices.size <= maxFlowEntries) return;
  const oldest = state.flowDevices.firstKey();
  if (oldest !== undefined) state.flowDevices.delete(oldest);
}

function onEstablished(turn: Turn, flow: TrackedFlow): void {
  const entry = turn.state.flowDevices.get(flow.key);
  const record = entry && turn.state.records.get(entry.key);
  if (!record || flow.dport === 2525) return;
  noteHandshake(record.profile, turn.at.nowMs);
  judge(turn, record);
}

/** The device that has the address; `unknown` where it should have a MAC that nobody told yet. */
function ownerOf(turn: Turn, src: string): DeviceKey | 'unknown' {
  const { state, at } = turn;
  if (isRouter(state.config, src)) return routerKey;
  const { key, confidence } = lookup(state.directory, src, at.nowMs);
  if (confidence === 'stale') turn.effects.push({ type: 'identify', afterMs: 0 });
  // A lease may name a MAC that no packet has; the answer makes the router ask.
  if (confidence === 'lease')
    for (const afterMs of [60, 200]) turn.effects.push({ type: 'identify', afterMs });
  if (confidence !== 'none') return key;
  const network = networkAt(state.config, src);
  const isOnEthernet = network ? network.ethernet !== false : isInside(state.config, src);
  return isOnEthernet ? 'unknown' : key;
}

/**
 * The neighbour table may be behind the packet: an IPv6 address is often in it only when the first answer is on its way
 * to the device. A message takes six round trips, so what is found within one or two of them is found in time.
 */
const askedAgainMs = [0, 60, 200, 500] as const;

/** Asks who it is, now and a little later. */
function wait(turn: Turn, flow: TrackedFlow): void {
  const { waiting } = turn.state;
  // The oldest has waited longest in vain: whoever forges hundreds of sources must not keep others from being asked for.
  if (waiting.length >= maxWaiting) {
    waiting.shift();
    turn.state.dropped++;
  }
  // One that nobody ever names waits for a minute: those who come meanwhile are asked for all the same.
  if (turn.at.nowMs - (waiting.at(-1)?.sinceMs ?? Number.NEGATIVE_INFINITY) >= askedAgainMs[3]) {
    for (const afterMs of askedAgainMs) turn.effects.push({ type: 'identify', afterMs });
  }
  waiting.push({ flow, sinceMs: turn.at.nowMs });
}

/** An IPv4 address nobody knows is a device by itself after this: a /32 hits nobody else. */
const patience4Ms = 600;
/** An IPv6 address on a shared network is one of a /64 with everybody else's, so it is never held by its address. */
const patience6Ms = 60_000;

/** Looks again who the waiting flows belong to. */
export function retryWaiting(turn: Turn): void {
  const { state, at } = turn;
  if (state.waiting.length === 0) return;
  const waiting = state.waiting.splice(0);
  for (const contact of waiting) {
    const { flow, sinceMs } = contact;
    const owner = ownerOf(turn, flow.src);
    const waitedMs = at.nowMs - sinceMs;
    if (owner !== 'unknown') takeLate(turn, flow, owner);
    else if (flow.family === 4 && waitedMs >= patience4Ms)
      takeLate(turn, flow, keyOfAddress(flow.src) ?? routerKey);
    else if (waitedMs >= patience6Ms) state.dropped++;
    else state.waiting.push(contact);
  }
}
