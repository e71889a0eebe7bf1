import type { TrackedFlow } from '../conntrack/tracked-flow.ts';
import { type FlowTraffic, trafficOf } from '../conntrack/traffic.ts';
import { explainStep } from '../detection/explain.ts';
import { noteEnding } from '../detection/habit.ts';
import { markDelivered } from '../detection/known.ts';
import { observeOutcome } from '../detection/observe.ts';
import { messagesOf, outcomeOf } from '../detection/outcome.ts';
import { type Outcome, outcomeLlr, portClassOf } from '../detection/table.ts';
import { countMessages } from '../detection/volume.ts';
import { banOn } from './ban-on.ts';
import { judge } from './contact.ts';
import { type DeviceRecord, type LearnedRelay, maxLearned, noteEvidence } from './device-record.ts';
import { isHolding } from './hold.ts';
import { dayAndTime } from './iso-time.ts';
import { keepDevice } from './known-devices.ts';
import { groupAt } from './names.ts';
import { isSameDoor, relayMs } from './relays-of.ts';
import type { FlowEntry, State, Turn } from './state.ts';
import { thresholdsFor } from './thresholds.ts';
import { judgeVolume, tellFirstMail } from './volume-acts.ts';
import { whoIs } from './who.ts';

/** New counters of a live flow: one session can carry thousands of messages, so it is judged while it runs. */
export function onProgress(turn: Turn, flow: TrackedFlow): void {
  const found = entryOf(turn, flow);
  const traffic = trafficOf(flow);
  if (found && traffic) takeTraffic(turn, found.record, found.entry, flow, traffic);
}

/** The end of a flow: its last counters, and what they say of it. A flow whose end was not seen has no outcome. */
export function onClosed(turn: Turn, flow: TrackedFlow, isLost: boolean): void {
  const found = entryOf(turn, flow);
  turn.state.flowDevices.delete(flow.key);
  if (!found) return;
  const { record, entry } = found;
  const traffic = trafficOf(flow);
  if (!traffic) return;
  takeTraffic(turn, record, entry, flow, traffic);
  // What the guard itself ended, or nobody answered within 10 s, has told what it had to tell.
  const wasCut = isHeld(turn, record) && isHolding(turn.state, turn.at.nowMs);
  if (!isLost && !wasCut && !flow.silent) takeOutcome(turn, record, entry, flow, outcomeOf(traffic));
}

/** Nobody answered within 10 s. */
export function onSilent(turn: Turn, flow: TrackedFlow): void {
  const found = entryOf(turn, flow);
  if (found) takeOutcome(turn, found.record, found.entry, flow, 'no service');
}

function entryOf(turn: Turn, flow: TrackedFlow): { record: DeviceRecord; entry: FlowEntry } | undefined {
  const entry = turn.state.flowDevices.get(flow.key);
  const record = entry && turn.state.records.get(entry.key);
  return entry && record && { entry, record };
}

function isHeld({ state }: Turn, record: DeviceRecord): boolean {
  const ban = banOn(state, record);
  return ban !== undefined && ban.hold !== 'slowed';
}

/** Counts messages as they are sent, and learns the relay with the first that went through. */
function takeTraffic(
  turn: Turn,
  record: DeviceRecord,
  entry: FlowEntry,
  flow: TrackedFlow,
  traffic: FlowTraffic,
): void {
  const { nowMs } = turn.at;
  const messages = messagesOf(traffic);
  const more = messages - entry.messages;
  if (more > 0) {
    countMessages(record.profile.volume, more, nowMs);
    entry.messages = messages;
    turn.changed.add(record.key);
  }
  const isFirst = messages > 0 && !entry.delivered;
  if (more > 0) {
    const { dst: address, dport: port } = flow;
    const seen = { key: record.key, address, port, messages: more, delivered: isFirst ? 1 : 0 };
    turn.effects.push({ type: 'mail', seen });
  }
  if (isFirst) {
    entry.delivered = true;
    tellFirstMail(turn, record, flow);
    learn(turn, record, entry, flow);
  }
  if (more > 0) judgeVolume(turn, record, messages, traffic);
}

/** A message went through: the relay may become one of the device's own, but for one that it was just held for. */
function learn(turn: Turn, record: DeviceRecord, { step }: FlowEntry, flow: TrackedFlow): void {
  const portClass = portClassOf(flow.dport);
  if (portClass === undefined || isHeld(turn, record)) return;
  const { state, at } = turn;
  const { groups } = record.profile;
  const now = groupAt(turn, record, flow.dst).id;
  // Its name became known while the message was on its way.
  const id = step && !groups.has(now) ? step.group : now;
  const isKnown = markDelivered(record.profile, id, portClass, whoIs(state, record.key).class, at.nowMs);
  const relay = { group: id, address: flow.dst, port: flow.dport, lastMs: at.nowMs, open: isKnown };
  if (!noteLearned(state, record, relay)) return;
  keepDevice(turn, record.key);
  turn.rulesetChanged = true;
  turn.effects.push({ type: 'persist', urgent: false });
}

/** Notes the address as the one used last; returns whether the kernel has yet to let it pass. */
function noteLearned(state: State, { learned }: DeviceRecord, relay: LearnedRelay): boolean {
  const isOpen = (one: LearnedRelay | undefined) => one?.open === true && relay.lastMs - one.lastMs < relayMs;
  const last = learned.at(-1);
  if (last?.address === relay.address && last.port === relay.port && isOpen(last) === relay.open) {
    last.lastMs = relay.lastMs;
    return false;
  }
  const index = placeOf(learned, relay);
  const isNews =
    relay.open === true &&
    !isOpen(learned[index]) &&
    !learned.some((other) => isOpen(other) && isSameDoor(state, other, relay));
  if (index >= 0) learned.splice(index, 1);
  learned.push(relay);
  if (learned.length > maxLearned) learned.shift();
  return isNews;
}

/** From the end, where those are that were used last: one out of 48 is looked for at every message. */
function placeOf(learned: readonly LearnedRelay[], { address, port }: LearnedRelay): number {
  let index = learned.length - 1;
  for (; index >= 0; index--) {
    const other = learned[index];
    if (other?.address === address && other.port === port) break;
  }
  return index;
}

function takeOutcome(
  turn: Turn,
  record: DeviceRecord,
  entry: FlowEntry,
  flow: TrackedFlow,
  outcome: Outcome,
): void {
  const { step } = entry;
  const { state, at } = turn;
  if (state.upstream.closed || entry.deferred) return;
  // A retry says nothing, here as in the score: one password that is wrong can fail all day.
  const isFailure = outcome !== 'delivered' && step?.relation !== 'O';
  noteEnding(record.profile.volume.habit, isFailure, at.nowMs);
  if (!step) return;
  const who = whoIs(state, record.key);
  // Nearly always: a device's own relay, which says nothing by how it ended.
  if (outcomeLlr(step.portClass, step.relation, outcome, who.class) === 0) return;
  const after = observeOutcome(record.profile, step, outcome, who.class, at.nowMs);
  const thresholds = thresholdsFor(turn, record);
  const domain = state.labels.get(flow.dst);
  const words = explainStep(after, {
    address: flow.dst,
    port: flow.dport,
    domain,
    noun: who.noun,
    thresholds,
  });
  noteEvidence(record, `${dayAndTime(at.wallMs)} ${words}`);
  turn.changed.add(record.key);
  judge(turn, record, who);
}
