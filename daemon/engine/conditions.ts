import { type DegradedReason, degradedReasons, silentReasons } from './degraded.ts';
import { announce } from './incidents.ts';
import type { Turn } from './state.ts';

/**
 * Notes that a condition began or ended and tells it once. With `untilMs` it ends by itself at that time; noting it
 * again only moves the end.
 */
export function condition(
  turn: Turn,
  reason: DegradedReason,
  isOn: boolean,
  detail?: string,
  untilMs?: number,
): void {
  const { conditions } = turn.state;
  const before = conditions.get(reason);
  if (isOn) conditions.set(reason, { sinceWallMs: before?.sinceWallMs ?? turn.at.wallMs, detail, untilMs });
  else conditions.delete(reason);
  const isNews = isOn !== (before !== undefined);
  if (isNews || before?.detail !== detail) turn.state.statusDirty = true;
  if (!isNews || silentReasons.has(reason)) return;
  const [text, remedy] = degradedReasons[reason];
  const full = detail === undefined ? text : `${text} (${detail})`;
  announce(turn, isOn ? 'degraded' : 'recovered', {
    note: isOn ? `${full}. ${remedy}` : `No longer so: ${text.slice(0, 1).toLowerCase()}${text.slice(1)}.`,
  });
}

/** Ends the conditions whose time is over. */
export function expireConditions(turn: Turn): void {
  for (const [reason, { untilMs }] of turn.state.conditions) {
    if (untilMs !== undefined && turn.at.nowMs >= untilMs) condition(turn, reason, false);
  }
}
