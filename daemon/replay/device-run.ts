import { type DeviceKey, keyOfAddress, keyOfMac } from '../address/device-key.ts';
import { type Mac, parseMac } from '../address/mac.ts';
import { ShortMap } from '../conntrack/short-map.ts';
import type { DesiredRuleset } from '../enforcement/desired.ts';
import type { AttemptRow } from '../enforcement/reading.ts';
import type { DeviceRecord } from '../engine/device-record.ts';
import type { Effect } from '../engine/effect.ts';
import type { Input, Instant } from '../engine/input.ts';
import { newState, type Origin, type State } from '../engine/state.ts';
import { step } from '../engine/step.ts';
import { type Hold, isStronger } from '../policy/ban.ts';
import { carrierGate, type Gate, gateOf, openGate } from './gate.ts';
import { createHeap, type Heap } from './heap.ts';
import { homeLink, replayConfig } from './replay-config.ts';
import type { ReplayFlow } from './replay-flow.ts';
import type { ReplayOptions } from './replay-options.ts';
import { messagesIn, passedAt, type Session } from './session.ts';

/** What the engines know of the world before any flow: from the data file. */
export type ReplayData = Pick<Origin, 'vendorOf' | 'providers'>;
/** What is to happen to a device at a later time. */
export type Task =
  /** The session comes to its end. */
  | { readonly do: 'end'; readonly session: Session }
  /** The engine looks for flows that nobody answered. */
  | { readonly do: 'tick' }
  /** The engine reads what arrived from outside. */
  | { readonly do: 'line' }
  /** The engine reads what was refused. */
  | { readonly do: 'read' }
  /** The engine looks for bans and incidents that end. */
  | { readonly do: 'watch' };

export const lookForSilence: Task = { do: 'tick' };
export const readArrivals: Task = { do: 'line' };
export const readRefused: Task = { do: 'read' };
export const watchEnds: Task = { do: 'watch' };

/** The first time that something was decided about a device. */
export interface Decided {
  /** Its how many-th connection the last one before was. */
  readonly connection: number;
  readonly atMs: number;
  /** Messages that were through by then. */
  readonly leaked: number;
}

/** One device with an engine of its own, as if it were alone at home. Changed in place by the evaluator alone. */
export interface DeviceRun {
  readonly key: DeviceKey;
  readonly mac: Mac | undefined;
  readonly options: ReplayOptions;
  readonly firstMs: number;
  lastMs: number;
  /** The how many-th flow of all its last one was. */
  lastTaken: number;
  /** When its engine was asked last. */
  at: Instant;
  /** Flows that are yet to be judged, in order. */
  inbox: ReplayFlow[];
  /** When: each at its time, or at that of one before it where it came late. */
  inboxMs: number[];
  /** What is to happen at later times. */
  readonly agenda: Heap<Task>;
  /** The latest time for which something was planned that must happen for the log to be over. */
  lastDueMs: number;
  state: State;
  gate: Gate;
  /** Sessions that go on, by their id; at most {@link mostSessions}. */
  readonly sessions: ShortMap<number, Session>;
  flows: number;
  connections: number;
  refused: number;
  /** Messages of sessions that are over. */
  messages: number;
  /** Notices that led to nothing else. */
  told: number;
  peak: number;
  readonly decided: Partial<Record<Hold, Decided>>;
  /** The evidence as of the last decision. */
  why: readonly string[] | undefined;
  ban: Hold | undefined;
  /** Refused attempts by server and port, as the kernel counts them. At most {@link mostAttempts}; the oldest goes. */
  readonly attempts: Map<string, AttemptRow>;
  /** Those of them that the engine has not read yet. */
  readonly unread: Map<string, AttemptRow>;
  /** When the directory was told of an address last, by address; emptied above 256. */
  readonly addresses: Map<string, number>;
  /** A reading of the line is planned. */
  reading: boolean;
  /** When a look at what ends by itself is planned; infinite where none is, and after each change of the ban. */
  watchedMs: number;
  /** The last whole second at which unanswered flows are looked for. */
  tickMs: number;
  label: string | undefined;
}

/** As many as the engine's own flow table holds; the oldest is no longer followed. */
export const mostSessions = 4096;
/** As many as the kernel's set holds. */
export const mostAttempts = 1024;

/** The key of the device that the flow is of: its MAC's, else its address's. */
export function deviceOf({ mac, src }: ReplayFlow): DeviceKey | undefined {
  if (mac === undefined && !src.includes(':')) return src as DeviceKey;
  const parsed = mac === undefined ? undefined : parseMac(mac);
  return parsed ? keyOfMac(parsed) : keyOfAddress(src);
}

/** A device that was not seen before. */
export function newRun(
  key: DeviceKey,
  flow: ReplayFlow,
  options: ReplayOptions,
  data: ReplayData,
  atMs: number,
): DeviceRun {
  const config = replayConfig(options, key);
  const at: Instant = { nowMs: atMs, wallMs: atMs };
  const run: DeviceRun = {
    key,
    mac: flow.mac === undefined ? undefined : parseMac(flow.mac),
    options,
    firstMs: atMs,
    lastMs: atMs,
    lastTaken: 0,
    at,
    inbox: [],
    inboxMs: [],
    agenda: createHeap(),
    lastDueMs: 0,
    state: newState({ config, version: 'replay', ...data, at }),
    gate: openGate,
    sessions: new ShortMap(),
    flows: 0,
    connections: 0,
    refused: 0,
    messages: 0,
    told: 0,
    peak: 0,
    decided: {},
    why: undefined,
    ban: undefined,
    attempts: new Map(),
    unread: new Map(),
    addresses: new Map(),
    reading: false,
    watchedMs: Number.POSITIVE_INFINITY,
    tickMs: Number.NEGATIVE_INFINITY,
    label: undefined,
  };
  give(run, { type: 'config', config }, atMs);
  // A log shows answers, as a kernel's full stream of events does.
  give(run, { type: 'condition', reason: 'other_listener', on: false }, atMs);
  return run;
}

/** A claim to an address says nothing any more after a day. */
const claimMs = 43_200_000;

/** So many of a MAC's addresses are shown together, the newest: a few more than a household has behind an extender. */
const mostTogether = 16;

/**
 * Tells the engine whose address it is, as the neighbour table would, where all are that are in use: an extender's are
 * seen together there, while in a log each is seen when it mails.
 */
export function identify(run: DeviceRun, address: string, atMs: number): void {
  const { mac, addresses } = run;
  if (mac === undefined) return;
  const told = addresses.get(address);
  if (told !== undefined && atMs - told < claimMs) return;
  if (addresses.size >= 256) addresses.clear();
  addresses.delete(address);
  addresses.set(address, atMs);
  const inUse = [...addresses].slice(-mostTogether).filter(([, toldMs]) => atMs - toldMs < claimMs);
  const neighbours = inUse.map(([one]) => ({ address: one, mac, interface: homeLink, fresh: true }));
  give(run, { type: 'neighbours', neighbours }, atMs);
}

/**
 * What the engine knows of the device, once it mailed; where several live behind its MAC, of the one that is held most,
 * or else has the highest score.
 */
export function recordOf({ key, state }: DeviceRun): DeviceRecord | undefined {
  const own = state.records.get(key);
  if (state.directory.carriers.size === 0) return own;
  let most = own;
  for (const record of state.records.values()) if (!most || isMore(record, most)) most = record;
  return most;
}

function isMore(a: DeviceRecord, b: DeviceRecord): boolean {
  if (a.ban?.hold !== b.ban?.hold) return a.ban !== undefined && isStronger(a.ban.hold, b.ban?.hold);
  return a.profile.score > b.profile.score;
}

/** One input of the device's engine, and what it decided. */
export function give(run: DeviceRun, input: Input, atMs: number): void {
  if (run.at.nowMs !== atMs) run.at = { nowMs: atMs, wallMs: atMs };
  const { state, effects } = step(run.state, input, run.at);
  run.state = state;
  const record = recordOf(run);
  const hold = record?.ban?.hold;
  const isNews = hold !== run.ban;
  for (const effect of effects) takeEffect(run, effect, isNews);
  if (!record) return;
  if (record.profile.score > run.peak) run.peak = record.profile.score;
  if (!isNews) return;
  run.ban = hold;
  run.watchedMs = Number.POSITIVE_INFINITY;
  if (hold !== undefined) decide(run, record, hold, atMs);
}

function takeEffect(run: DeviceRun, effect: Effect, isNews: boolean): void {
  if (effect.type === 'apply' && run.options.enforce) run.gate = gateFor(run, effect.ruleset());
  else if (effect.type === 'event' && effect.document.type === 'told' && !isNews) run.told++;
}

function gateFor({ key, state }: DeviceRun, ruleset: DesiredRuleset): Gate {
  const carrier = state.directory.carriers.get(key);
  return carrier
    ? carrierGate(ruleset, key, carrier.hosts.keys(), state.providers)
    : gateOf(ruleset, key, state.providers);
}

function decide(run: DeviceRun, record: DeviceRecord, hold: Hold, atMs: number): void {
  if (run.decided[hold]) return;
  const decided = { connection: run.connections, atMs, leaked: messagesBy(run, atMs) };
  run.decided[hold] = decided;
  // Who is blocked at once is restricted at once, too.
  if (hold === 'blocked') run.decided.restricted ??= decided;
  run.why = [...record.evidence];
}

/** Messages that are through: of what is over, and of what goes on the part that has passed. */
function messagesBy(run: DeviceRun, atMs: number): number {
  let messages = run.messages;
  for (const session of run.sessions.values()) messages += messagesIn(session, passedAt(session, atMs));
  return messages;
}
