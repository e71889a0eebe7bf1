import type { DeviceKey } from '../address/device-key.ts';
import { type DeviceRecord, isAnchored, maxRecords, newRecord } from './device-record.ts';
import type { State, Turn } from './state.ts';

/** The device's record, made where there is none. */
export function recordOf(turn: Turn, key: DeviceKey): DeviceRecord {
  const { state, at } = turn;
  const found = state.records.get(key);
  if (found) return found;
  if (state.records.size >= maxRecords) evict(turn);
  const record = newRecord(key, at.nowMs);
  Object.assign(record, state.forgottenMarks.get(key));
  state.records.set(key, record);
  return record;
}

/**
 * Makes room: the record that is worth least goes, and of equal ones that of the device which mailed longest ago. Ten
 * thousand spoofed devices push out each other.
 */
function evict(turn: Turn): void {
  const { state } = turn;
  const all = [...state.records.values()];
  const lastMs = (record: DeviceRecord) => record.lastMailMs ?? record.firstSeenMs;
  const victim = all.reduce((a, b) => ((worthOf(b) - worthOf(a) || lastMs(b) - lastMs(a)) < 0 ? b : a));
  state.records.delete(victim.key);
  // Its story ends here, without a word: whoever invents devices by the thousand would have a thousand told.
  const incident = state.incidents.get(victim.incident ?? '');
  if (incident) incident.closedWallMs = turn.at.wallMs;
  state.dropped++;
  turn.changed.add(victim.key);
  if (victim.ban) turn.rulesetChanged = true;
}

/**
 * 0: nothing. 1: suspected or slowed for SYNs alone, which anybody can forge by the thousand. 2: a device that really
 * mailed. 3: held, of which there are few at a time, or what a person said of it.
 */
function worthOf(record: DeviceRecord): 0 | 1 | 2 | 3 {
  const { ban, learned, profile } = record;
  const isHeld = ban && (ban.origin !== 'auto' || ban.hold !== 'slowed');
  const isSaid = record.releasedUntilMs !== undefined || record.pinned || record.allowances.length > 0;
  if (isHeld || isSaid) return 3;
  if (learned.length > 0 || profile.handshakeAtMs !== undefined) return 2;
  return isAnchored(record) ? 1 : 0;
}

const maxForgotten = 16;

/** Forgets a device: its retained document is deleted, and what held it ends. */
export function forget(turn: Turn, key: DeviceKey): void {
  const { records } = turn.state;
  const record = records.get(key);
  if (record) noteForgotten(turn.state, record);
  records.delete(key);
  turn.state.known = undefined;
  turn.rulesetChanged = true;
  turn.changed.add(key);
}

/** Keeps how far the kernel's counts were read: it has them for an hour, and they would be news of a new device else. */
export function noteForgotten({ forgottenMarks }: State, record: DeviceRecord): void {
  const { key, attemptMarks, ledgerMarks, overrunMark } = record;
  forgottenMarks.delete(key);
  forgottenMarks.set(key, { attemptMarks, ledgerMarks, overrunMark });
  const oldest = forgottenMarks.keys().next().value;
  if (forgottenMarks.size > maxForgotten && oldest !== undefined) forgottenMarks.delete(oldest);
}
