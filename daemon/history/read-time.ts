import { civilMs } from './calendar.ts';

/** A time as it was written. */
export interface WrittenTime {
  /** Milliseconds since 1970; where no zone was written, as if it had been UTC. */
  readonly ms: number;
  /** Whether it says its zone. */
  readonly zoned: boolean;
  /** It says no seconds. */
  readonly rough: boolean;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** Zone names that mean one thing (RFC 5322, and those of Europe), hours east. */
const zones: Readonly<Record<string, number>> = {
  ...{ z: 0, ut: 0, utc: 0, gmt: 0, wet: 0, west: 1, cet: 1, cest: 2, mez: 1, mesz: 2, eet: 2, eest: 3 },
  ...{ est: -5, edt: -4, cst: -6, cdt: -5, mst: -7, mdt: -6, pst: -8, pdt: -7 },
};

const time = '(\\d{1,2}):(\\d\\d)(?::(\\d\\d)(?:[.,]\\d{1,9})?)?';
// A sign and digits, or a name of the list; any other word after a time is none of its business.
const zone =
  '(?:\\s?\\(?(?:(?:Z|UTC?|GMT)?([+-]\\d\\d:?\\d\\d)(?!\\d)|(Z|UTC?|GMT|WES?T|CES?T|MES?Z|EES?T|[ECMP][SD]T)\\b)\\)?)?';
const month = '(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}';
const between = '(?:T|[\\s,:]{1,3}(?:(?:at|um)\\s)?)';
const weekday = '(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\\s{1,2})?';

/** The order of year, month and day in each form, by which of its parts it is. */
const forms = [
  // ISO 8601 and its relatives
  { date: '(\\d{4})[-/.](\\d\\d)[-/.](\\d\\d)', order: [0, 1, 2] },
  // mail (RFC 5322) and web servers
  { date: `${weekday}(\\d{1,2})[\\s/-]{1,2}${month}[\\s/-](\\d{4})`, order: [2, 1, 0] },
  { date: `${weekday}${month}\\.?\\s{1,2}(\\d{1,2}),?\\s(\\d{4})`, order: [2, 0, 1] },
  { date: '(\\d{1,2})\\.(\\d{1,2})\\.(\\d{4})', order: [2, 1, 0] },
] as const;
const partsPerForm = 8;
const any = forms.map(({ date }) => `${date}${between}${time}${zone}`).join('|');

/** Finds times in a text: ISO 8601 and its relatives, dates as mail and web servers write them, and as people do. */
export const timePattern = new RegExp(`(?<![\\d.])(?:${any})(?!\\d)`, 'gi');
const whole = new RegExp(`^(?:${any})(?:\\s\\([A-Za-z]{1,8}\\))?$`, 'i');
const longest = 64;

/** Reads a text that is a time and nothing else, also seconds since 1970; undefined if it is none. */
export function readTime(text: string): WrittenTime | undefined {
  const trimmed = text.trim();
  if (trimmed.length > longest) return undefined;
  if (/^\d{9,10}$/.test(trimmed)) return { ms: Number(trimmed) * 1000, zoned: true, rough: false };
  const parts = whole.exec(trimmed);
  return parts ? timeOf(parts) : undefined;
}

/** The time that {@link timePattern} matched; undefined where there is no such time. */
export function timeOf(parts: readonly (string | undefined)[]): WrittenTime | undefined {
  const form = forms.findIndex((_, index) => parts[1 + index * partsPerForm] !== undefined);
  const all = parts.slice(1 + form * partsPerForm);
  const date = forms[form]?.order.map((place) => numberOf(all[place])) ?? [];
  const [hour, minute, second, sign, name] = all.slice(3);
  const [year = 0, monthNumber = 0, day = 0] = date;
  const ms = civilMs([year, monthNumber, day], [Number(hour), Number(minute), Number(second ?? 0)]);
  const east = sign === undefined ? zones[name?.toLowerCase() ?? ''] : hoursOf(sign);
  if (ms === undefined || (east !== undefined && Math.abs(east) > 15)) return undefined;
  return { ms: ms - (east ?? 0) * 3_600_000, zoned: east !== undefined, rough: second === undefined };
}

function numberOf(text = ''): number {
  return /^\d/.test(text) ? Number(text) : months.indexOf(text.toLowerCase()) + 1;
}

function hoursOf(sign: string): number {
  const digits = sign.replace(':', '');
  const hours = Number(digits.slice(1, 3)) + Number(digits.slice(3, 5)) / 60;
  return digits.startsWith('-') ? -hours : hours;
}
