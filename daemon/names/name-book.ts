import type { Named } from './naming.ts';

/** What is known of one address. */
export interface Entry {
  readonly named: Named;
  readonly atMs: number;
  /** When it was passed on last. */
  toldMs: number;
}

/** The addresses that the router's DNS gave out lately, and what their names say. In memory alone, and of nobody in particular. */
export interface NameBook {
  note(address: string, named: Named, nowMs: number): void;
  /** What the address is known by, if it still is. */
  find(address: string, nowMs: number): Entry | undefined;
}

/** The most names that join, and that only label; the oldest goes. Whoever makes names fills the second alone. */
export const mostJoining = 1024;
export const mostLabels = 4096;
const joiningMs = 86_400_000;
const labelMs = 3_600_000;

/** An empty book. */
export function createNameBook(): NameBook {
  const joining = new Map<string, Entry>();
  const labels = new Map<string, Entry>();
  const fresh = (book: Map<string, Entry>, address: string, sinceMs: number) => {
    const entry = book.get(address);
    return entry && entry.atMs >= sinceMs ? entry : undefined;
  };
  return {
    note(address, named, nowMs) {
      const [book, most] = named.group ? ([joining, mostJoining] as const) : ([labels, mostLabels] as const);
      const before = book.get(address);
      const isSame = before?.named.domain === named.domain && before?.named.group?.id === named.group?.id;
      put(book, address, { named, atMs: nowMs, toldMs: isSame ? (before?.toldMs ?? never) : never }, most);
    },
    find: (address, nowMs) =>
      fresh(joining, address, nowMs - joiningMs) ?? fresh(labels, address, nowMs - labelMs),
  };
}

const never = Number.NEGATIVE_INFINITY;

/** Puts it last; above `most` the first goes. */
export function put<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  const oldest = map.keys().next().value;
  if (oldest !== undefined) map.delete(oldest);
}
