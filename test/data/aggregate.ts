import { contains, type Prefix, prefixOf } from '../../daemon/address/prefix.ts';

/**
 * The same addresses in as few prefixes as possible, ascending, IPv4 first: what lies inside another is left out, and two
 * halves become a whole.
 */
export function aggregate(prefixes: readonly Prefix[]): Prefix[] {
  const kept: Prefix[] = [];
  for (const prefix of [...prefixes].sort(ascending)) {
    const last = kept.at(-1);
    if (last && contains(last, prefix)) continue;
    kept.push(prefix);
    for (let pair = kept.slice(-2); isPair(pair); pair = kept.slice(-2)) {
      const [low] = pair;
      kept.splice(-2, 2, prefixOf(low, low.length - 1));
    }
  }
  return kept;
}

function ascending(a: Prefix, b: Prefix): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  return a.length - b.length;
}

/** The two halves of one prefix, in order. */
function isPair(pair: readonly Prefix[]): pair is [Prefix, Prefix] {
  const [low, high] = pair;
  if (!low || !high || low.family !== high.family || low.length !== high.length || low.length === 0)
    return false;
  return low.value !== high.value && prefixOf(high, low.length - 1).value === low.value;
}
