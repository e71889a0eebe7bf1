import { type FlowEvent, flowKey, mailPorts } from '../conntrack/flow.ts';
import { banOn } from './ban-on.ts';
import { dropProven } from './checkpoint.ts';
import { condition } from './conditions.ts';
import { contact } from './contact.ts';
import { cutFlows } from './cuts.ts';
import { isHolding } from './hold.ts';
import { leavesHome } from './home.ts';
import type { Turn } from './state.ts';
import { takeBack } from './take-back.ts';
import { isWatching } from './upstream.ts';

/** The counter stands still for so long in an outage. */
const outageMs = 10_000;
/** Before that the router asks something itself that would be answered: the home may merely be quiet. */
const probeMs = 3_000;
/** How often the end of an outage is looked for while nobody mails. */
const closedReadMs = 5_000;
const closedProbeMs = 60_000;
/** How often the counter is looked for where it was not there. */
const searchMs = 10_000;
/** After so many readings that did not come, nothing is known. */
const mostMissed = 30;

/** What the kernel says: whether a link is up and, where it was read, how much has arrived. */
export function onUpstream(turn: Turn, linked: boolean, arrivals: number | undefined): void {
  const { upstream } = turn.state;
  upstream.linked = linked;
  // A counter that never moved may be on the wrong interface.
  if (arrivals !== undefined && (arrivals > 0 || upstream.arrivals !== undefined)) take(turn, arrivals);
  if (!linked) close(turn, 'no link');
  else if (upstream.arrivals === undefined) open(turn);
  else if (standsStillFor(turn) >= outageMs) close(turn, 'nothing arrives');
}

function take(turn: Turn, arrivals: number): void {
  const { state, at } = turn;
  const { upstream } = state;
  const isFirst = upstream.arrivals === undefined;
  if (arrivals !== upstream.arrivals) {
    upstream.stillMs = at.nowMs;
    // What moved the counter came after the reading before, and so after every contact made until that.
    prove(turn, isFirst ? at.nowMs : upstream.readMs);
    if (!isFirst) open(turn);
  }
  upstream.arrivals = arrivals;
  upstream.readMs = at.nowMs;
  upstream.missed = 0;
}

function prove({ state }: Turn, atMs: number): void {
  const { upstream, records } = state;
  upstream.provenMs = Math.max(upstream.provenMs, atMs);
  for (const key of upstream.unproven) {
    const record = records.get(key);
    if (record) dropProven(record, upstream.provenMs);
    if (!record || record.unproven.length === 0) upstream.unproven.delete(key);
  }
}

/** For how long contacts have gone out and nothing has come in; below 0 where none is unproven. */
function standsStillFor({ state, at }: Turn): number {
  const { upstream, records } = state;
  let firstMs = Number.POSITIVE_INFINITY;
  for (const key of upstream.unproven)
    firstMs = Math.min(firstMs, records.get(key)?.unproven[0]?.atMs ?? firstMs);
  return at.nowMs - Math.max(firstMs, upstream.stillMs);
}

function close(turn: Turn, why: string): void {
  const { upstream, records } = turn.state;
  for (const key of upstream.unproven) {
    const record = records.get(key);
    if (record) takeBack(turn, record);
  }
  upstream.unproven.clear();
  upstream.closed = true;
  condition(turn, 'wan_down', true, why);
}

function open(turn: Turn): void {
  const { upstream, maskEvents } = turn.state;
  if (!upstream.closed || !upstream.linked) return;
  upstream.closed = false;
  condition(turn, 'wan_down', false);
  // Where no event tells of answers, a listing does.
  if (!maskEvents) turn.effects.push({ type: 'list', ports: mailPorts, all: true });
}

/** Asks for a reading where something depends on it, and for a sign of life before an outage is believed. */
export function watchUpstream(turn: Turn): void {
  const { state, at, effects } = turn;
  const { upstream } = state;
  const { closed, linked } = upstream;
  if (!linked || !state.config.networks.some(({ role }) => role === 'upstream')) return;
  if (upstream.missed >= mostMissed) {
    upstream.arrivals = undefined;
    upstream.missed = 0;
    prove(turn, at.nowMs);
    open(turn);
  }
  const restMs = upstream.unproven.size > 0 ? 0 : closed ? closedReadMs : searchMs;
  const isWanted = restMs < searchMs || upstream.arrivals === undefined;
  if (isWanted && at.nowMs - upstream.askedMs >= restMs) {
    upstream.askedMs = at.nowMs;
    upstream.missed++;
    effects.push({ type: 'upstream' });
  }
  const isQuiet = closed || standsStillFor(turn) >= probeMs;
  if (!isQuiet || at.nowMs - upstream.probedMs < (closed ? closedProbeMs : outageMs)) return;
  upstream.probedMs = at.nowMs;
  effects.push({ type: 'probe' });
}

/** Before an event or a row that shows an answer is followed: it may prove that the line works, and bring a contact back. */
export function onAnswer(turn: Turn, event: FlowEvent): void {
  const { state, at } = turn;
  if (!isWatching(state.upstream)) return;
  const key = flowKey(event);
  // An update comes as soon as its packet does; a row or an end may tell of an answer of long ago.
  const flow = state.flows.live.get(key);
  if (event.kind === 'update' && flow?.replied === false && leavesHome(state.config, flow)) {
    prove(turn, at.nowMs);
    open(turn);
  }
  const entry = state.flowDevices.get(key);
  const record = entry?.deferred ? state.records.get(entry.key) : undefined;
  if (!entry || !record) return;
  entry.deferred = false;
  const ban = banOn(state, record);
  entry.step = contact(turn, record, {
    address: event.dst,
    port: event.dport,
    refused: false,
    answered: true,
  });
  // A ban that it makes cuts it anyway.
  if (flow && ban && isHolding(state, at.nowMs)) cutFlows(turn, record, [flow]);
}
