const dayMs = 86_400_000;

/**
 * A wall-clock instant as ISO 8601 in UTC with seconds, `2026-11-21T14:02:03Z`.
 *
 * Without `Date`, so that the pure folders need no clock. Days to civil date after Howard Hinnant,
 * "chrono-compatible low-level date algorithms".
 */
export function isoTime(wallMs: number): string {
  const days = Math.floor(wallMs / dayMs);
  const second = Math.floor((wallMs - days * dayMs) / 1000);
  const { year, month, day } = civil(days);
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${clock}Z`;
}

/** The same without separators, as incident ids carry it: `20261121T140203Z`. */
export function compactTime(wallMs: number): string {
  return isoTime(wallMs).replaceAll(/[-:]/g, '');
}

/** Month, day and time of day in UTC, `11-21 14:02:03`, for lines that people read: evidence can be weeks apart. */
export function dayAndTime(wallMs: number): string {
  return isoTime(wallMs).slice(5, 19).replace('T', ' ');
}

function civil(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1;
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}
