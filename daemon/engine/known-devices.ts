import { type DeviceKey, targetOf } from '../address/device-key.ts';
import { hasKnownRelay } from '../detection/known.ts';
import { anchor } from '../identity/directory.ts';
import type { Turn } from './state.ts';
import { ruleOf } from './who.ts';

const hourMs = 3_600_000;

/**
 * Devices that get a budget of their own: those the owner named, those with a relay, those with a lease or seen for
 * an hour. A mere delivery is no relay: whoever got one through would have a second budget for it. All others share the
 * strangers' budget of their network, so that a new MAC gains nothing. At most 512, the best known first.
 */
export function knownKeys({ state, at }: Pick<Turn, 'state' | 'at'>): DeviceKey[] {
  const keys = new Set<DeviceKey>(state.config.devices.flatMap((rule) => rule.keys));
  for (const record of state.records.values())
    if (hasKnownRelay(record.profile) && targetOf(record.key)) keys.add(record.key);
  for (const device of state.directory.devices.values()) {
    const sinceMs = device.leasedSinceMs ?? device.firstSeenMs;
    if (device.anchored || at.nowMs - sinceMs >= hourMs) keys.add(device.key);
  }
  return [...keys].slice(0, 512);
}

/** Keeps the device's place in the directory: it has a relay, a ban, or a section of its owner's. */
export function keepDevice(turn: Turn, key: DeviceKey): void {
  if (turn.state.directory.devices.get(key)?.anchored) return;
  turn.state.known = undefined;
  const target = targetOf(key);
  anchor(turn.state.directory, key, target?.kind === 'mac' ? target.mac : undefined, turn.at.nowMs);
  if (ruleOf(turn.state, key) === undefined) turn.rulesetChanged = true;
}
