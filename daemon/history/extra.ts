/** What the history's file keeps beside the history. */
export interface Extra {
  /** When it was written: seconds since 1970. */
  readonly saved_s: number;
  /** When the last report was made, or the first week began. */
  readonly report_s?: number | undefined;
  readonly watches: readonly unknown[];
  /** The home's counts of the week by the hour, oldest first, as the engine had them. */
  readonly week: Readonly<Record<string, unknown>>;
  /** When incidents began. */
  readonly opened: readonly unknown[];
}

/** Its text; it is read by {@link readExtra} alone. */
export function extraText(extra: Extra): string {
  return JSON.stringify(extra);
}

/** Reads it back; what is not there, or is no such thing, is nothing. */
export function readExtra(text: string): Extra {
  const value = parsed(text);
  const { saved_s: saved, report_s: report, watches, week, opened } = value;
  return {
    saved_s: typeof saved === 'number' ? saved : 0,
    report_s: typeof report === 'number' ? report : undefined,
    watches: Array.isArray(watches) ? watches : [],
    week: typeof week === 'object' && week !== null ? (week as Record<string, unknown>) : {},
    opened: Array.isArray(opened) ? opened : [],
  };
}

function parsed(text: string): { readonly [Name in keyof Extra]?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
