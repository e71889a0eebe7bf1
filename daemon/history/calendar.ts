const dayMs = 86_400_000;

/**
 * Days since 1970 of a civil date (month 1 to 12).
 *
 * Without `Date`, so that the pure folders need no clock. After Howard Hinnant, "chrono-compatible low-level date algorithms".
 */
export function daysOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Milliseconds since 1970 of a civil time; undefined where there is no such day or time. */
export function civilMs(
  [year, month, day]: readonly [number, number, number],
  [hour, minute, second]: readonly [number, number, number],
): number | undefined {
  if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1) return undefined;
  const next = month === 12 ? daysOf(year + 1, 1, 1) : daysOf(year, month + 1, 1);
  if (day > next - daysOf(year, month, 1) || hour > 23 || minute > 59 || second > 60) return undefined;
  return daysOf(year, month, day) * dayMs + ((hour * 60 + minute) * 60 + second) * 1000;
}

/** The day of the week, 0 for Sunday. */
export function weekdayOf(days: number): number {
  return (((days + 4) % 7) + 7) % 7;
}
