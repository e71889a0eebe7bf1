import { goesOn } from './persistence.ts';
import { dayMs, type Profile, scoreAt, strangeGroups } from './profile.ts';
import type { Thresholds } from './thresholds.ts';

/** Groups not known, within 7 days, below which nothing is blocked: a device that hammers one dead relay is no spammer. */
export const blockGroups = 3;

const weekMs = 7 * dayMs;

/** What shows that the device itself is speaking, not somebody who forges a burst of its SYNs. */
export type Proof = 'handshake' | 'attempts' | 'none';

/** What the evidence amounts to; policy decides what is done about it. */
export interface Verdict {
  readonly decision: 'none' | 'restrict' | 'block';
  readonly score: number;
  /** `none`: from SYNs alone, so a restrict should be short and a block is out of the question. */
  readonly proof: Proof;
  /** Distinct groups not known within 7 days. */
  readonly strangeGroups: number;
}

/** Judges the device as of now. */
export function verdictOf(profile: Profile, thresholds: Thresholds, nowMs: number): Verdict {
  const score = scoreAt(profile, nowMs);
  const proof = proofOf(profile, nowMs);
  const strange = strangeGroups(profile, weekMs, nowMs);
  const isBlock = score >= thresholds.block && strange >= blockGroups && proof !== 'none';
  const decision = isBlock ? 'block' : score >= thresholds.restrict ? 'restrict' : 'none';
  return { decision, score, proof, strangeGroups: strange };
}

function proofOf({ handshakeAtMs, persistence }: Profile, nowMs: number): Proof {
  if (handshakeAtMs !== undefined && nowMs - handshakeAtMs <= weekMs) return 'handshake';
  return goesOn(persistence, weekMs, nowMs) ? 'attempts' : 'none';
}
