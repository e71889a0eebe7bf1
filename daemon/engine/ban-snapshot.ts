import { type Ban, holds } from '../policy/ban.ts';
import type { Instant } from './input.ts';

/** In the place of what is left of a time. */
export const noEnd = -1;
const untilRestart = -2;

/** Above it a clock was wrong. Nothing lasts longer either: nft takes no time that is longer than its numbers. */
export const yearMs = 366 * 86_400_000;

/** Hold, origin, provisional, age, remaining (-1: no end, -2: until the router restarts), and the wall-clock end. */
export type BanSnapshot = readonly [
  hold: string,
  origin: string,
  provisional: 0 | 1,
  ageS: number,
  remainingS: number,
  endS: number,
];

/** What is known of the time since a snapshot was taken. */
export interface Since {
  readonly nowMs: number;
  /** By the wall clock; 0 where that is not plausible. */
  readonly elapsedMs: number;
  /** The router restarted meanwhile. */
  readonly restarted: boolean;
}

/** A ban at rest, as of now. */
export function banSnapshot(
  { hold, origin, provisional, sinceMs, endMs, endWallMs }: Ban,
  { nowMs, wallMs }: Instant,
): BanSnapshot {
  const ageS = secondsOf(Math.max(0, nowMs - sinceMs));
  const endS =
    endMs === undefined || !Number.isFinite(endMs) ? noEnd : secondsOf(endWallMs ?? wallMs + endMs - nowMs);
  return [hold, origin, provisional ? 1 : 0, ageS, leftS(endMs, nowMs), endS];
}

/** What is left of a time at rest, in seconds. */
export function leftS(endMs: number | undefined, nowMs: number): number {
  if (endMs === undefined) return noEnd;
  return Number.isFinite(endMs) ? secondsOf(Math.max(0, endMs - nowMs)) : untilRestart;
}

/** The ban of a snapshot; undefined where it is over, or none of ours. */
export function readBan(value: unknown, since: Since): Ban | undefined {
  const [name, origin, provisional, ageS, remainingS, endS] = list(value);
  const hold = holds.find((candidate) => candidate === name);
  if (!hold || !isCount(ageS)) return undefined;
  const { nowMs, elapsedMs, restarted } = since;
  const base = {
    hold,
    sinceMs: nowMs - elapsedMs - ageS * 1000,
    origin: origin === 'user' || origin === 'remote' ? origin : 'auto',
    provisional: provisional === 1,
  } as const;
  if (remainingS === noEnd) return base;
  const endMs = endOf(remainingS, since);
  if (endMs === undefined) return undefined;
  return { ...base, endMs, ...(restarted && isCount(endS) && { endWallMs: endS * 1000 }) };
}

/** The end of what had so much left; undefined where that is over. */
export function endOf(left: unknown, { nowMs, elapsedMs, restarted }: Since): number | undefined {
  if (left === untilRestart) return restarted ? undefined : Number.POSITIVE_INFINITY;
  if (!isCount(left) || left * 1000 > yearMs) return undefined;
  const endMs = nowMs - elapsedMs + left * 1000;
  return endMs > nowMs ? endMs : undefined;
}

/** Milliseconds as whole seconds. */
export const secondsOf = (ms: number) => Math.round(ms / 1000);

/** What may be anything as a list; empty where it is none. */
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Whether it is a number that counts something. */
export const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;
