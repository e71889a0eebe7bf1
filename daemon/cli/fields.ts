import { printable } from '../control/printable.ts';

/**
 * An answer's document, read field by field: it may come from another version, and names in it were chosen by
 * devices. Every text is fit to be shown.
 */
export interface Fields {
  /** The text or number of a member, else the empty text. */
  readonly text: (name: string) => string;
  /** Zero where it is none. */
  readonly number: (name: string) => number;
  readonly has: (name: string) => boolean;
  /** Whether it is true. */
  readonly flag: (name: string) => boolean;
  readonly texts: (name: string) => readonly string[];
  readonly items: (name: string) => readonly Fields[];
}

/** Reads a document; a value that is no object has no fields. */
export function fieldsOf(value: unknown): Fields {
  const record: Readonly<Record<string, unknown>> =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const member = (name: string) => (Object.hasOwn(record, name) ? record[name] : undefined);
  const list = (name: string): readonly unknown[] => {
    const found = member(name);
    return Array.isArray(found) ? found : [];
  };
  return {
    text: (name) => shown(member(name)),
    number: (name) => Number(member(name)) || 0,
    has: (name) => member(name) !== undefined,
    flag: (name) => member(name) === true,
    texts: (name) => list(name).map(shown),
    items: (name) => list(name).map(fieldsOf),
  };
}

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? printable(String(value)) : '';
}
