import { isoTime } from '../engine/iso-time.ts';
import { daysOf, weekdayOf } from './calendar.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** The time zone of the router. */
export interface Zone {
  /** For people: `CET-1CEST,M3.5.0,M10.5.0/3`. */
  readonly name: string;
  /** Minutes east of Greenwich at that time (UTC, milliseconds). */
  readonly offsetAt: (wallMs: number) => number;
}

export const utc: Zone = { name: 'UTC', offsetAt: () => 0 };

/** When summer time begins or ends: the nth (5: last) weekday of a month, and the second of that day by the clock before. */
interface Change {
  readonly month: number;
  readonly week: number;
  readonly weekday: number;
  readonly second: number;
}

const zoneName = '(?:[A-Za-z]{3,10}|<[A-Za-z0-9+-]{1,10}>)';
const offset = '([+-]?\\d{1,2}(?::\\d\\d){0,2})';
const form = new RegExp(`^${zoneName}${offset}(?:${zoneName}${offset}?(?:,(.+),(.+))?)?$`);
const rule = /^M(\d{1,2})\.([1-5])\.([0-6])(?:\/([+-]?\d{1,3}(?::\d\d){0,2}))?$/;

/** Reads a zone as OpenWrt keeps it in /etc/TZ (POSIX, with rules of the form Mm.w.d); undefined if it is none of these. */
export function parseZone(text: string): Zone | undefined {
  if (text === 'UTC') return utc;
  const parts = form.exec(text);
  if (!parts || text.length > 80) return undefined;
  const [, usual = '', summer, begins, ends] = parts;
  // POSIX counts west of Greenwich.
  const standard = (0 - secondsOf(usual)) / 60;
  if (begins === undefined || ends === undefined) return { name: text, offsetAt: () => standard };
  const from = changeOf(begins);
  const to = changeOf(ends);
  if (!from || !to) return undefined;
  const daylight = summer === undefined ? standard + 60 : (0 - secondsOf(summer)) / 60;
  return {
    name: text,
    offsetAt(wallMs) {
      const year = Number(isoTime(wallMs + standard * minuteMs).slice(0, 4));
      const fromMs = changeMs(year, from) - standard * minuteMs;
      const toMs = changeMs(year, to) - daylight * minuteMs;
      // South of the equator summer lies around the turn of the year.
      const isSummer = fromMs < toMs ? wallMs >= fromMs && wallMs < toMs : wallMs >= fromMs || wallMs < toMs;
      return isSummer ? daylight : standard;
    },
  };
}

function secondsOf(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[+-]/, '').split(':').map(Number);
  return (hours * 3600 + minutes * 60 + seconds) * (text.startsWith('-') ? -1 : 1);
}

function changeOf(text: string): Change | undefined {
  const [, month, week, weekday, time = '2'] = rule.exec(text) ?? [];
  if (month === undefined || Number(month) < 1 || Number(month) > 12) return undefined;
  return { month: Number(month), week: Number(week), weekday: Number(weekday), second: secondsOf(time) };
}

/** The local time of the change, as if it were UTC. */
function changeMs(year: number, { month, week, weekday, second }: Change): number {
  const first = daysOf(year, month, 1);
  const next = month === 12 ? daysOf(year + 1, 1, 1) : daysOf(year, month + 1, 1);
  let day = first + ((weekday - weekdayOf(first) + 7) % 7) + (week - 1) * 7;
  while (day >= next) day -= 7;
  return day * dayMs + second * 1000;
}

/** The times (UTC) that a local time can mean: two in the hour that summer time's end repeats, and never none. */
export function fromLocal(localMs: number, zone: Zone): number[] {
  const around = [localMs - dayMs, localMs + dayMs].map((ms) => zone.offsetAt(ms));
  const found = [...new Set(around)]
    .map((minutes) => ({ minutes, ms: localMs - minutes * minuteMs }))
    .filter(({ minutes, ms }) => zone.offsetAt(ms) === minutes)
    .map(({ ms }) => ms);
  return found.length > 0 ? found.sort((a, b) => a - b) : [localMs - (around[0] ?? 0) * minuteMs];
}

/** A time as the zone's clocks show it: `2026-11-21T15:02:03+01:00`. */
export function localTime(wallMs: number, zone: Zone): string {
  const minutes = zone.offsetAt(wallMs);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const east = Math.abs(minutes);
  const shown = `${minutes < 0 ? '-' : '+'}${two(east / 60)}:${two(east % 60)}`;
  return isoTime(wallMs + minutes * minuteMs).replace('Z', shown);
}
