const form = /^(\d{4})[-/](\d\d)[-/](\d\d)[ T](\d\d):(\d\d):(\d\d)(\.\d{1,9})?Z?$/;

/**
 * A time as logs write it, in seconds since the epoch: `2011/08/10 09:46:53.047277` (Argus), `2011-08-10 09:46:53.047`
 * (nfdump), `2011-08-10T09:46:53.047277Z` (Zeek), or seconds since the epoch themselves. Without a zone it is taken
 * for UTC. Undefined if it is none, or lies before 1970.
 *
 * Without `Date`, so that the pure folders need no clock. Civil date to days after Howard Hinnant,
 * "chrono-compatible low-level date algorithms".
 */
export function timeIn(text: string | undefined): number | undefined {
  if (text === undefined || text.length > 32) return undefined;
  if (/^\d{1,12}(?:\.\d{1,9})?$/.test(text)) return Number(text);
  const parts = form.exec(text);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
    return undefined;
  const seconds = daysOf(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
  return seconds < 0 ? undefined : seconds + Number(parts[7] ?? 0);
}

function daysOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
