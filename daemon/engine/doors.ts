import type { DeviceKey } from '../address/device-key.ts';
import type { FoundDoors } from '../doors/door.ts';
import type { DeviceRecord } from './device-record.ts';
import { tell } from './incidents.ts';
import type { Turn } from './state.ts';
import { addressesFor } from './who.ts';

/** Asks once an incident, as soon as the device has an address, which doors lead to it. */
export function askForDoors(turn: Turn, record: DeviceRecord): void {
  const { incident, key } = record;
  if (incident === undefined || record.doors?.incident === incident) return;
  const addresses = addressesFor(turn.state, key, turn.at.nowMs);
  if (addresses.length === 0) return;
  record.doors = { incident };
  turn.effects.push({ type: 'doors', device: key, addresses });
}

/** Notes what was found; that the device can be reached is told once an incident. */
export function onDoors(turn: Turn, device: string, found: FoundDoors): void {
  const record = turn.state.records.get(device as DeviceKey);
  if (record?.incident === undefined) return;
  record.doors = { incident: record.incident, found };
  turn.changed.add(record.key);
  const steps = turn.state.incidents.get(record.incident)?.steps;
  if (found.doors.length === 0 || steps?.some(({ type }) => type === 'reachable')) return;
  tell(turn, record, 'reachable', { note: found.text });
}
