import type { DeviceClass } from '../config/config.ts';
import { type FanOut, fanOutOf } from './fan-out.ts';
import { loneStranger } from './known.ts';
import { goesOn } from './persistence.ts';
import { dayMs, leftOf, type Profile, scoreAt, strangeGroups } from './profile.ts';
import { cellLlr } from './table.ts';
import type { Thresholds } from './thresholds.ts';

/** Groups not known, within 7 days, below which nothing is blocked: a device that hammers one dead relay is no spammer. */
export const blockGroups = 3;

/** What was strange within it counts. */
export const weekMs = 7 * dayMs;

/** What shows that the device itself is speaking, not somebody who forges a burst of its SYNs. */
export type Proof = 'handshake' | 'attempts' | 'none';

/** What the evidence amounts to; policy decides what is done about it. */
export interface Verdict {
  readonly decision: 'none' | 'restrict' | 'block';
  readonly score: number;
  /** `none`: from SYNs alone, so a restrict should be short and a block is out of the question. */
  readonly proof: Proof;
  /** Set where the arm for rotated relays asks for the restrict, and the score does not. */
  readonly fanOut?: FanOut;
}

/** Judges the device as of now. */
export function verdictOf(
  profile: Profile,
  thresholds: Thresholds,
  deviceClass: DeviceClass,
  nowMs: number,
): Verdict {
  const score = scoreAt(profile, nowMs);
  const proof = proofOf(profile, nowMs);
  const counts = speaksAnew(profile);
  const judged =
    score >= thresholds.restrict ? withoutLoneStranger(profile, score, deviceClass, nowMs) : score;
  // The groups are counted last: each mail comes by here.
  const isBlock =
    counts &&
    judged >= thresholds.block &&
    proof !== 'none' &&
    strangeGroups(profile, weekMs, nowMs) >= blockGroups;
  const isRestrict = counts && judged >= thresholds.restrict;
  const decision = isBlock ? 'block' : isRestrict ? 'restrict' : 'none';
  const verdict = { decision, score, proof } as const;
  const fanOut = decision === 'none' ? fanOutOf(profile, deviceClass, nowMs) : undefined;
  return fanOut ? { ...verdict, decision: 'restrict', fanOut } : verdict;
}

/**
 * One stranger on port 25 and logins that fail do not add up. A bot that mails directly meets a second one at once; a
 * household with a relay of its access provider, and an account that is dead, never does.
 */
function withoutLoneStranger(
  profile: Profile,
  score: number,
  deviceClass: DeviceClass,
  nowMs: number,
): number {
  const lone = loneStranger(profile, nowMs);
  if (!lone) return score;
  const first = leftOf(cellLlr('M,N', deviceClass), lone.firstSeenMs, nowMs);
  return Math.max(Math.min(first, score), score - first);
}

/** After a ban an old score alone holds nobody again: something new must speak against the device. */
export function speaksAnew({ pardonedAtMs, accused }: Profile): boolean {
  return pardonedAtMs === undefined || accused;
}

function proofOf({ handshakeAtMs, persistence }: Profile, nowMs: number): Proof {
  if (handshakeAtMs !== undefined && nowMs - handshakeAtMs <= weekMs) return 'handshake';
  return goesOn(persistence, weekMs, nowMs) ? 'attempts' : 'none';
}
