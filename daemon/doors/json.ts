/** A member of a value that may be anything; undefined where it has none. */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** The text of a member, else the empty text. */
export function textOf(value: unknown, name: string): string {
  const found = member(value, name);
  return typeof found === 'string' ? found : '';
}

/** A list as it is; anything else has no items. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What an expression may be compared with: the elements of an anonymous set, else the one value. */
export function valuesOf(value: unknown): readonly unknown[] {
  const set = member(value, 'set');
  return (set === undefined ? [value] : listOf(set)).map(bare);
}

/** An element without what nft hangs on it: timeouts, counters, comments. */
export function bare(value: unknown): unknown {
  return member(member(value, 'elem'), 'val') ?? value;
}
