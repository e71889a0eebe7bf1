import { spokenDuration } from '../engine/words.ts';

/** `2026-11-21 14:02 UTC` of an ISO 8601 time; the empty text of nothing. */
export function spokenTime(iso: string): string {
  return iso === '' ? '' : `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** `58 min left`, or the empty text where there is no end or it has passed. */
export function timeLeft(iso: string, wallMs: number): string {
  const leftMs = Date.parse(iso) - wallMs;
  return leftMs > 0 ? `${spokenDuration(leftMs)} left` : '';
}
