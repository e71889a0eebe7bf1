import type { DeviceKey } from '../address/device-key.ts';
import { scoreAsUnknownAt, scoreAt, strangers } from '../detection/profile.ts';
import { speaksAnew, type Verdict, verdictOf, weekMs } from '../detection/verdict.ts';
import { recordsBehind } from './ban-on.ts';
import type { DeviceRecord } from './device-record.ts';
import type { Turn } from './state.ts';
import { thresholdsFor } from './thresholds.ts';
import type { Who } from './who-record.ts';

/**
 * So many addresses of one MAC under suspicion at a time are one device that changes its address, not as many bots: then
 * the MAC is held as a whole. The MAC's own record, of IPv6 and of whatever has no address to itself, is one of them.
 */
const addressesOfOne = 3;
/** So many may meet one new relay in the same days. */
const mostAtOneRelay = 6;
/** Half of what restricts: one stranger on port 25. */
const suspectShare = 0.5;
/** What shares one record, over IPv6, may take up so many devices' worth of new services. */
const mostShares = 4;

/**
 * What the evidence asks for, as far as it may be believed of this device. Neither a guessed class nor what several devices
 * did behind one MAC leads to more than a restrict.
 */
export function verdictFor(turn: Turn, record: DeviceRecord, who: Who): Verdict {
  const { nowMs } = turn.at;
  const thresholds = thresholdsFor(turn, record);
  const verdict = verdictOf(record.profile, thresholds, who.class, nowMs);
  const { decision, fanOut } = verdict;
  const isGuess = who.guessed && scoreAsUnknownAt(record.profile, nowMs) < thresholds.block;
  if (decision === 'block')
    return isGuess || who.carries > 0 ? { ...verdict, decision: 'restrict' } : verdict;
  const isShared = fanOut && fanOut.newGroups <= fanOut.limit * Math.min(who.carries, mostShares);
  if (who.carries === 0 || (decision === 'restrict' && !isShared)) return verdict;
  const suspects = suspectsBehind(turn, record.key);
  const { score } = verdict;
  const isMany = suspects.length >= addressesOfOne;
  const proven = suspects.filter(
    (one) => verdictOf(one.profile, thresholds, who.class, nowMs).proof !== 'none',
  );
  const proof = proven.length >= addressesOfOne ? 'handshake' : 'none';
  return { decision: isMany ? 'restrict' : 'none', score, proof };
}

/** Whether one address too many of the carrier is under suspicion. */
export function isOneTooMany(turn: Turn, carrier: DeviceKey): boolean {
  return suspectsBehind(turn, carrier).length >= addressesOfOne;
}

function isSuspect(turn: Turn, record: DeviceRecord): boolean {
  const { profile } = record;
  const least = thresholdsFor(turn, record).restrict * suspectShare;
  return speaksAnew(profile) && scoreAt(profile, turn.at.nowMs) >= least;
}

/**
 * Those behind the MAC whose suspicion speaks for one device that changes its address. A household that meets the relay
 * of its provider for the first time is none: of those who met the same servers one counts, unless there are more than
 * a household has, or the servers are everybody's mailboxes and nobody's relay.
 */
function suspectsBehind(turn: Turn, carrier: DeviceKey): DeviceRecord[] {
  const { state, at } = turn;
  const own = state.records.get(carrier);
  const suspects = [...(own ? [own] : []), ...recordsBehind(state, carrier)].filter((one) =>
    isSuspect(turn, one),
  );
  if (suspects.length > mostAtOneRelay) return suspects;
  const met = new Set<string>();
  return suspects.filter(({ profile }) => {
    let isOwn = false;
    for (const [group, isMailboxes] of strangers(profile, weekMs, at.nowMs)) {
      isOwn ||= isMailboxes || !met.has(group);
      met.add(group);
    }
    return isOwn;
  });
}
