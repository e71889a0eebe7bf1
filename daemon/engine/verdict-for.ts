import type { DeviceKey } from '../address/device-key.ts';
import { scoreAsUnknownAt, scoreAt } from '../detection/profile.ts';
import { type Verdict, verdictOf } from '../detection/verdict.ts';
import type { DeviceRecord } from './device-record.ts';
import type { Turn } from './state.ts';
import { thresholdsFor } from './thresholds.ts';
import type { Who } from './who-record.ts';

/** So many addresses of one MAC under suspicion at a time are one device that changes its address, not three bots. */
const addressesOfOne = 3;
/** Half of what restricts: one stranger on port 25. */
const suspectShare = 0.5;

/**
 * What the evidence asks for, as far as it may be believed of this device. Neither a guessed class nor what several devices
 * did behind one MAC leads to more than a restrict.
 */
export function verdictFor(turn: Turn, record: DeviceRecord, who: Who): Verdict {
  const { nowMs } = turn.at;
  const thresholds = thresholdsFor(turn, record);
  const verdict = verdictOf(record.profile, thresholds, who.class, nowMs);
  const isGuess = who.guessed && scoreAsUnknownAt(record.profile, nowMs) < thresholds.block;
  if (verdict.decision === 'block') return isGuess || who.carries > 0 ? restricting(verdict) : verdict;
  if (verdict.decision === 'restrict' || who.carries === 0) return verdict;
  const suspects = suspectsBehind(turn, record.key);
  if (suspects.length < addressesOfOne) return verdict;
  const isProven = suspects.some(({ profile }) => profile.handshakeAtMs !== undefined);
  return { ...restricting(verdict), proof: isProven ? 'handshake' : verdict.proof };
}

const restricting = (verdict: Verdict): Verdict => ({ ...verdict, decision: 'restrict' });

/** Whether what a device behind the carrier did is one address too many. An honest one says nothing of the others. */
export function isOneTooMany(turn: Turn, record: DeviceRecord, carrier: DeviceKey): boolean {
  return isSuspect(turn, record) && suspectsBehind(turn, carrier).length >= addressesOfOne;
}

function isSuspect(turn: Turn, record: DeviceRecord): boolean {
  return scoreAt(record.profile, turn.at.nowMs) >= thresholdsFor(turn, record).restrict * suspectShare;
}

function suspectsBehind(turn: Turn, carrier: DeviceKey): DeviceRecord[] {
  const { directory, records } = turn.state;
  const addresses = [...(directory.carriers.get(carrier)?.hosts.keys() ?? [])];
  const behind = addresses.flatMap((address) => records.get(address as DeviceKey) ?? []);
  return behind.filter((record) => isSuspect(turn, record));
}
