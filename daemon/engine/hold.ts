import type { DeviceKey } from '../address/device-key.ts';
import { markTrouble } from '../detection/known.ts';
import { pardon } from '../detection/profile.ts';
import type { Unheard } from '../identity/directory.ts';
import { type Ban, confirm, type Hold, lastDuration, nextBan, provisionalMs } from '../policy/ban.ts';
import { recordsBehind } from './ban-on.ts';
import { condition } from './conditions.ts';
import { cutFlows, flowsOf } from './cuts.ts';
import type { DeviceRecord } from './device-record.ts';
import { incidentOf, tell } from './incidents.ts';
import { keepDevice } from './known-devices.ts';
import type { State, Turn } from './state.ts';
import { verifyHold } from './verify-hold.ts';

/** After a release less evidence is needed for so long. */
const probationMs = 7 * 86_400_000;

/** Whether the guard holds anybody now: not in mode observe, and not while it is paused. */
export function isHolding(state: State, nowMs: number): boolean {
  const isPaused = state.pausedUntilMs !== undefined && nowMs < state.pausedUntilMs;
  return state.config.enabled && state.config.mode === 'guard' && !isPaused;
}

/**
 * How many automatic bans are in force; slowing does not count, since it is what is left when there are too many. For a
 * device that is proven, bans that rest on SYNs alone do not count either: it takes the place of one, see {@link makePlace}.
 */
export function autoBans(state: State, isProven: boolean): number {
  let bans = 0;
  for (const { ban } of state.records.values()) {
    if (ban?.origin === 'auto' && ban.hold !== 'slowed' && !(isProven && ban.provisional)) bans++;
  }
  return bans;
}

/**
 * Sees that a proven device may be held. Whoever forges SYNs from many addresses would else use up `max_bans`
 * before the bot speaks: the oldest ban that rests on SYNs alone becomes a slowing for the rest of its time.
 */
export function makePlace(turn: Turn, record: DeviceRecord): void {
  const { state, at } = turn;
  const hasPlace = record.ban !== undefined && record.ban.hold !== 'slowed';
  if (hasPlace || autoBans(state, false) < state.config.maxBans) return;
  const sinceMs = ({ ban }: DeviceRecord) =>
    ban?.provisional && ban.hold !== 'slowed' ? ban.sinceMs : Number.POSITIVE_INFINITY;
  const all = [...state.records.values()];
  const oldest = all.reduce((a, b) => (sinceMs(b) < sinceMs(a) ? b : a));
  if (!oldest.ban || sinceMs(oldest) === Number.POSITIVE_INFINITY) return;
  oldest.ban = { ...oldest.ban, hold: 'slowed' };
  turn.rulesetChanged = true;
  const durationMs = oldest.ban.endMs === undefined ? undefined : oldest.ban.endMs - at.nowMs;
  tell(turn, oldest, 'slowed', {
    durationMs,
    note: 'Its place was needed for a device that is surely guilty.',
  });
}

/** Holds a device by decision of the guard: the duration grows with its history, and is short while only SYNs speak. */
export function holdByGuard(
  turn: Turn,
  record: DeviceRecord,
  hold: Hold,
  isProven: boolean,
  note?: string,
): void {
  incidentOf(turn, record, { suspected: true });
  const { nowMs } = turn.at;
  const isEscalation = record.ban?.origin === 'auto' && !record.ban.provisional;
  const provisional = hold === 'restricted' && !isProven;
  const { durationMs, history } = nextBan(record.history, nowMs);
  if (!provisional && !isEscalation) record.history = history;
  const lasting = isEscalation ? lastDuration(record.history) : durationMs;
  const ms = provisional ? provisionalMs : lasting;
  if (record.ban && record.ban.origin !== 'auto') record.asked = record.ban;
  enforce(turn, record, { hold, sinceMs: nowMs, endMs: nowMs + ms, origin: 'auto', provisional }, note);
  noteMassEvent(turn);
}

/** So many devices held within a minute have one cause, and perhaps not one of their own. */
const massDevices = 8;
const massMs = 60_000;
const massToldMs = 3_600_000;

function noteMassEvent(turn: Turn): void {
  const { nowMs } = turn.at;
  let held = 0;
  for (const { ban } of turn.state.records.values())
    if (ban?.origin === 'auto' && nowMs - ban.sinceMs <= massMs) held++;
  if (held >= massDevices) condition(turn, 'mass_event', true, undefined, nowMs + massToldMs);
}

/** Gives a ban from SYNs alone its full duration once the device itself is seen to go on. */
export function confirmBan(turn: Turn, record: DeviceRecord): void {
  const { ban } = record;
  if (!ban?.provisional) return;
  const { durationMs, history } = nextBan(record.history, turn.at.nowMs);
  record.history = history;
  record.ban = confirm(ban, durationMs, turn.at.nowMs);
  turn.rulesetChanged = true;
  turn.changed.add(record.key);
  turn.effects.push({ type: 'persist', urgent: true });
}

/** Holds a device because a person said so, at the router or by MQTT. */
export function holdByUser(
  turn: Turn,
  record: DeviceRecord,
  hold: Hold,
  durationMs: number | undefined,
  origin: 'user' | 'remote',
): void {
  const { nowMs } = turn.at;
  const end = durationMs === undefined ? {} : { endMs: nowMs + durationMs };
  record.asked = undefined;
  enforce(turn, record, { hold, sinceMs: nowMs, ...end, origin, provisional: false });
}

/** Notes a ban and tells it. While nothing is held (see {@link isHolding}) the kernel's sets stay empty. */
function enforce(turn: Turn, record: DeviceRecord, ban: Ban, note?: string): void {
  const { state, at } = turn;
  markTrouble(record.profile);
  record.ban = ban;
  record.releasedUntilMs = undefined;
  turn.rulesetChanged = true;
  const holds = isHolding(state, at.nowMs);
  cutHeld(turn, record);
  keepDevice(turn, record.key);
  const durationMs = ban.endMs === undefined ? undefined : ban.endMs - at.nowMs;
  if (state.config.mode === 'observe') {
    tell(turn, record, 'told', { note: `Postern only observes: it would have been ${ban.hold}.` });
  } else {
    const notes = [note, holds ? undefined : 'Not yet: the guard is paused.'];
    tell(turn, record, ban.hold, { durationMs, note: notes.filter(Boolean).join(' ') || undefined });
  }
  turn.effects.push({ type: 'persist', urgent: isUrgent(ban) });
}

/** Ends the flows that a held device may not go on with, and has it looked whether they rest. */
export function cutHeld(turn: Turn, record: DeviceRecord): void {
  const { state, at } = turn;
  const { ban } = record;
  if (!ban || !isHolding(state, at.nowMs)) return;
  const flows = cutFlows(turn, record, flowsOf(turn, record));
  if (ban.hold !== 'slowed') verifyHold(turn, record, ban, flows);
}

/** Whoever has the broker's login may ask ten times a minute, and must not use up the writes that the guard's own bans need. */
const isUrgent = ({ origin }: Ban): boolean => origin !== 'remote';

/** Lifts what holds the device and leaves it alone for `durationMs` (infinite: until the router restarts), without a word. */
export function letGo(turn: Turn, record: DeviceRecord, durationMs: number): void {
  const { nowMs } = turn.at;
  endBan(turn, record);
  record.releasedUntilMs = nowMs + durationMs;
  // Who releases an extender speaks for all behind it, but for those that are held by themselves.
  const behind = recordsBehind(turn.state, record.key).filter(({ ban }) => !ban);
  for (const { profile } of [record, ...behind]) pardon(profile, 0, nowMs);
}

/** Lets the device go, and tells it. */
export function release(turn: Turn, record: DeviceRecord, durationMs: number, note?: string): void {
  letGo(turn, record, durationMs);
  if (record.incident !== undefined) tell(turn, record, 'released', { durationMs, note });
  turn.effects.push({ type: 'persist', urgent: true });
}

/** The time of the ban is over: it ends, unless a person asked for a lesser one that goes on. */
export function expireBan(turn: Turn, record: DeviceRecord): void {
  const { state, at } = turn;
  const { asked, ban } = record;
  endBan(turn, record);
  // What was only observed held nobody.
  const isTold = state.config.mode === 'guard';
  if (asked && (asked.endMs === undefined || asked.endMs > at.nowMs)) {
    record.ban = asked;
    const durationMs = asked.endMs === undefined ? undefined : asked.endMs - at.nowMs;
    if (isTold) tell(turn, record, asked.hold, { durationMs, note: 'As a person asked for before.' });
  } else if (isTold) tell(turn, record, 'expired');
  turn.effects.push({ type: 'persist', urgent: !ban || isUrgent(ban) });
}

/** Takes the ban away without a word; the device is on probation from now on. */
export function endBan(turn: Turn, record: DeviceRecord): void {
  const { nowMs } = turn.at;
  if (record.ban) record.history = { ...record.history, quietSinceMs: nowMs };
  record.ban = undefined;
  record.check = undefined;
  record.asked = undefined;
  record.unproven = [];
  record.probationUntilMs = nowMs + probationMs;
  turn.rulesetChanged = true;
  turn.changed.add(record.key);
  turn.state.statusDirty = true;
}

/** Whether a person's release is in force. */
export function isReleased(record: DeviceRecord, nowMs: number): boolean {
  return record.releasedUntilMs !== undefined && nowMs < record.releasedUntilMs;
}

/**
 * The keys of every device held in one set, the oldest ban first, so that a full set keeps those who are in it. Until it is
 * heard, a device is held by the address of its lease as well: its packets may come with another MAC.
 */
export function heldIn(state: State, hold: Hold, unheard: Unheard): { key: DeviceKey; endMs?: number }[] {
  const held: { key: DeviceKey; sinceMs: number; endMs?: number }[] = [];
  for (const { key, ban } of state.records.values()) {
    if (ban?.hold !== hold) continue;
    const end = ban.endMs === undefined ? {} : { endMs: ban.endMs };
    for (const each of [key, ...(unheard.get(key) ?? [])])
      held.push({ key: each as DeviceKey, sinceMs: ban.sinceMs, ...end });
  }
  held.sort((a, b) => a.sinceMs - b.sinceMs);
  return held.map(({ key, endMs }) => (endMs === undefined ? { key } : { key, endMs }));
}
