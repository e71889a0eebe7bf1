import type { DeviceKey } from '../address/device-key.ts';
import { type Ban, isStronger } from '../policy/ban.ts';
import type { DeviceRecord } from './device-record.ts';
import type { State } from './state.ts';
import { whoIs } from './who.ts';

/** What holds the device: a ban of its own, or that of the MAC behind which it lives. */
export function banOn(state: State, record: DeviceRecord): Ban | undefined {
  const { behind } = whoIs(state, record.key);
  const shared = behind && state.records.get(behind)?.ban;
  return shared && isStronger(shared.hold, record.ban?.hold) ? shared : record.ban;
}

/** The records of those that live behind the MAC. */
export function recordsBehind({ directory, records }: State, key: DeviceKey): DeviceRecord[] {
  const hosts = directory.carriers.get(key)?.hosts ?? new Map<string, number>();
  return [...hosts.keys()].flatMap((address) => records.get(address as DeviceKey) ?? []);
}
