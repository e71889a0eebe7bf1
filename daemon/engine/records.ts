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
  state.records.set(key, record);
  return record;
}

/**
 * Makes room: among devices that are neither held, released, pinned nor in an incident, the one that has a device's
 * history least (no delivery, fewest connections) and mailed longest ago goes. Ten thousand spoofed devices push out
 * each other.
 */
function evict(turn: Turn): void {
  const { state } = turn;
  let victim: DeviceRecord | undefined;
  for (const record of state.records.values()) {
    if (isAnchored(record)) continue;
    if (victim === undefined || isLesser(record, victim)) victim = record;
  }
  victim ??= oldestOf(state);
  if (!victim) return;
  state.records.delete(victim.key);
  state.dropped++;
  turn.changed.add(victim.key);
}

function isLesser(a: DeviceRecord, b: DeviceRecord): boolean {
  const settled = (record: DeviceRecord) => (record.learned.length > 0 ? 1 : 0);
  if (settled(a) !== settled(b)) return settled(a) < settled(b);
  return (a.lastMailMs ?? a.firstSeenMs) < (b.lastMailMs ?? b.firstSeenMs);
}

/** Every record is anchored: the provisional ban that ends first gives way, since the kernel ends it soon anyway. */
function oldestOf(state: State): DeviceRecord | undefined {
  const all = [...state.records.values()];
  return all.find((record) => record.ban?.provisional) ?? all[0];
}

/** Forgets a device: its retained document is deleted, and what held it ends. */
export function forget(turn: Turn, key: DeviceKey): void {
  turn.state.records.delete(key);
  turn.state.known = undefined;
  turn.rulesetChanged = true;
  turn.changed.add(key);
}
