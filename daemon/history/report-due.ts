import { isoTime } from '../engine/iso-time.ts';
import type { Zone } from './zone.ts';

const minuteMs = 60_000;
const weekMs = 7 * 86_400_000;
/** A report wakes nobody. Hours of the day, local. */
const [firstHour, lastHour] = [9, 19] as const;
/** A beginning in the future is one of a clock that was wrong. */
const slackMs = 3_600_000;

/** When the present week began, given when it was thought to have begun; and whether its report is due. */
export function weekAt(
  begunMs: number | undefined,
  nowMs: number,
  zone: Zone,
): { readonly begunMs: number; readonly isDue: boolean } {
  if (begunMs === undefined || begunMs > nowMs + slackMs) return { begunMs: nowMs, isDue: false };
  const hour = Number(isoTime(nowMs + zone.offsetAt(nowMs) * minuteMs).slice(11, 13));
  const isDue = nowMs - begunMs >= weekMs && hour >= firstHour && hour <= lastHour;
  return { begunMs: isDue ? nowMs : begunMs, isDue };
}
