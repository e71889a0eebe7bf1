import { mailPorts } from '../conntrack/flow.ts';
import { recordsBehind } from './ban-on.ts';
import { condition } from './conditions.ts';
import { desiredRuleset } from './desired-ruleset.ts';
import { onDoors } from './doors.ts';
import type { Effect } from './effect.ts';
import { FewKeys } from './few-keys.ts';
import { announce, remark, tell } from './incidents.ts';
import type { Input, Instant } from './input.ts';
import { onNamed } from './names.ts';
import { onLookedUp } from './on-blocklists.ts';
import { onConfig } from './on-config.ts';
import { onFlow, onListing } from './on-flow.ts';
import { onLeases, onNeighbours } from './on-identity.ts';
import { answerRemote } from './on-remote-request.ts';
import { answerRequest } from './on-request.ts';
import { onSets, tellFull } from './on-sets.ts';
import { onTick } from './on-tick.ts';
import { onUpstream } from './on-upstream.ts';
import { onVerified } from './on-verified.ts';
import { onWeek } from './on-week.ts';
import { relayMs } from './relays-of.ts';
import { restore } from './restore.ts';
import type { State, Turn } from './state.ts';

/** What one input led to: the state after it, and what is asked of the world, in this order. */
export interface Outcome {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/**
 * The whole daemon: one input, what follows from it. Deterministic, and without any access to the world: the same
 * inputs at the same instants give the same state and effects. Takes over `state`; use the one it returns.
 */
export function step(state: State, input: Input, at: Instant): Outcome {
  const turn: Turn = { state, at, effects: [], rulesetChanged: false, changed: new FewKeys() };
  take(turn, input);
  // The kernel first: every message that a device sends meanwhile is one too many.
  if (turn.rulesetChanged) turn.effects.unshift({ type: 'apply', ruleset: () => desiredRuleset(state, at) });
  return { state, effects: withChanges(turn) };
}

function take(turn: Turn, input: Input): void {
  switch (input.type) {
    case 'config':
      onConfig(turn, input.config);
      break;
    case 'restore':
      restore(turn, input.snapshot, input.adopted, input.restarted ?? false);
      break;
    case 'flow':
      onFlow(turn, input.flow);
      break;
    case 'flows':
      onListing(turn, input, input.ports);
      break;
    case 'gap':
      onGap(turn, input.reason);
      break;
    case 'neighbours':
      onNeighbours(turn, input.neighbours);
      break;
    case 'leases':
      onLeases(turn, input.leases);
      break;
    case 'resolved':
      onResolved(turn, input.host, input.addresses);
      break;
    case 'upstream':
      onUpstream(turn, input.linked, input.arrivals);
      break;
    case 'looked_up':
      onLookedUp(turn, input);
      break;
    case 'week':
      onWeek(turn, input);
      break;
    case 'doors':
      onDoors(turn, input.device, input.found);
      break;
    case 'named':
      onNamed(turn, input.addresses, input.named);
      break;
    case 'sets':
      onSets(turn, input.reading);
      break;
    case 'tick':
      onTick(turn);
      break;
    case 'request':
      turn.effects.push({
        type: 'reply',
        replyTo: input.replyTo,
        answer:
          input.origin === 'mqtt' ? answerRemote(turn, input.request) : answerRequest(turn, input.request),
      });
      break;
    case 'applied':
      condition(turn, 'ruleset_failed', !input.ok, input.error);
      if (input.full) tellFull(turn, 'overfull', input.full);
      break;
    case 'drift':
      onDrift(turn, input.differences);
      break;
    case 'verified':
      onVerified(turn, input);
      break;
    case 'remark':
      onRemark(turn, input);
      break;
    case 'condition':
      onCondition(turn, input);
      break;
  }
}

/** How long `events_lost` and `table_restored` stay up. */
const mentionMs = 600_000;
const dayMs = 86_400_000;

function onGap(turn: Turn, reason: string): void {
  if (reason === 'enobufs' || reason === 'exit') {
    condition(turn, 'events_lost', true, undefined, turn.at.nowMs + mentionMs);
  }
  turn.state.lostMs = turn.at.nowMs;
  // The ledger knows how many connections the events kept from us.
  turn.effects.push(
    { type: 'list', ports: mailPorts, all: true },
    { type: 'read', sets: ['ledger'], maxAgeMs: 0 },
  );
}

function onDrift(turn: Turn, differences: readonly string[]): void {
  turn.state.repairs++;
  condition(turn, 'table_restored', true, differences.slice(0, 3).join('; '), turn.at.nowMs + mentionMs);
}

/** A device's own story has it, where one is open. */
function onRemark(turn: Turn, { event, key, text: note }: Extract<Input, { type: 'remark' }>): void {
  const record = key && turn.state.records.get(key);
  if (key === undefined) announce(turn, event, { note });
  else if (record?.incident !== undefined) tell(turn, record, event, { note });
  else if (record) remark(turn, record, event, { note });
}

function onCondition(turn: Turn, input: Extract<Input, { type: 'condition' }>): void {
  const { state } = turn;
  if (input.reason === 'other_listener' && state.maskEvents === input.on) {
    state.maskEvents = !input.on;
    turn.rulesetChanged = true;
  }
  // What was damaged was set aside: only that it happened is worth knowing, for a while.
  const endMs = input.on && input.reason === 'state_damaged' ? turn.at.nowMs + dayMs : undefined;
  condition(turn, input.reason, input.on, input.detail, endMs);
}

/** A name is the addresses that it had in 30 days, at most so many: what it left long ago may be somebody else's now. */
const mostResolved = 32;

function onResolved(turn: Turn, host: string, addresses: readonly string[]): void {
  const { state, at } = turn;
  const known = state.resolved.get(host) ?? new Map<string, number>();
  const before = new Set(known.keys());
  for (const address of addresses) {
    known.delete(address);
    known.set(address, at.nowMs);
  }
  for (const [address, lastMs] of known)
    if (known.size > mostResolved || at.nowMs - lastMs > relayMs) known.delete(address);
  state.resolved.set(host, known);
  if (known.size !== before.size || [...known.keys()].some((address) => !before.has(address)))
    turn.rulesetChanged = true;
}

/** What changed, each once a turn. Whoever shows it makes the documents, when it is time to: a replay makes none. */
function withChanges({ state, effects, changed }: Turn): readonly Effect[] {
  if (state.directory.carriers.size > 0) addThoseBehind(state, changed);
  const { first, others } = changed;
  if (first !== undefined) {
    const effect: Effect = { type: 'device', key: first };
    // Nearly always: a mail of a device of which nothing else is to be said. A list that grows takes room for more.
    if (effects.length === 0 && !others && !state.statusDirty) return [effect];
    effects.push(effect);
  }
  for (const key of others ?? []) effects.push({ type: 'device', key });
  if (state.statusDirty) {
    state.statusDirty = false;
    effects.push({ type: 'status' });
  }
  return effects;
}

/** What holds a MAC holds all behind it. */
function addThoseBehind(state: State, changed: FewKeys): void {
  const { first, others } = changed;
  const keys = first === undefined ? [] : [first, ...(others ?? [])];
  for (const key of keys) for (const behind of recordsBehind(state, key)) changed.add(behind.key);
}
