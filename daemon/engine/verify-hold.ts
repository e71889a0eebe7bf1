import type { Ban, Hold } from '../policy/ban.ts';
import type { DeviceRecord } from './device-record.ts';
import type { Turn } from './state.ts';
import { addressesFor } from './who.ts';

/** A hold of which nobody has seen yet that it works. */
export interface HoldCheck {
  /** Of the device when it was held: what it leaves to another MAC is still its own. */
  readonly addresses: readonly string[];
  /** Only these flows must rest, by key: a restricted device goes on at its relays. */
  readonly flows?: readonly string[];
  readonly sinceMs: number;
  /** When the last look ended; undefined while one is on its way. */
  seenMs: number | undefined;
  /** People know that something still moves. */
  isTold: boolean;
}

/** Asks to see whether what was just held still moves; `cut` are the flows that were ended, by key. */
export function verifyHold(turn: Turn, record: DeviceRecord, { hold }: Ban, cut: readonly string[]): void {
  const { nowMs } = turn.at;
  const addresses = addressesFor(turn.state, record.key, nowMs);
  const only = hold === 'restricted' ? { flows: cut } : {};
  const isTold = record.check?.isTold ?? false;
  record.check = { addresses, ...only, sinceMs: nowMs, seenMs: undefined, isTold };
  look(turn, record, record.check, hold);
}

/** Asks for one look. */
export function look(turn: Turn, { key }: DeviceRecord, check: HoldCheck, hold: Hold): void {
  const again = check.seenMs !== undefined && { again: true as const };
  check.seenMs = undefined;
  const addresses = [...new Set([...check.addresses, ...addressesFor(turn.state, key, turn.at.nowMs)])];
  const { flows } = check;
  const only = flows ? { flows } : hold === 'quarantined' ? { everything: true as const } : {};
  turn.effects.push({ type: 'verify', device: key, addresses, ...only, ...again });
}
