import { type Prefix, prefixOf } from '../address/prefix.ts';

/**
 * The prefixes that no other one of the list contains, each once, in the list's order. The kernel's interval sets
 * refuse a prefix inside one that is there already.
 */
export function outermost<T extends Prefix>(prefixes: readonly T[]): T[] {
  const nameOf = ({ family, value, length }: Prefix) => `${family} ${value} ${length}`;
  const all = new Set(prefixes.map(nameOf));
  const lengths = [...new Set(prefixes.map(({ length }) => length))];
  const given = new Set<string>();
  return prefixes.filter((prefix) => {
    const own = nameOf(prefix);
    const isInside = lengths.some(
      (length) => length < prefix.length && all.has(nameOf(prefixOf(prefix, length))),
    );
    if (isInside || given.has(own)) return false;
    given.add(own);
    return true;
  });
}
