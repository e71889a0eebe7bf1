/**
 * The same function with its last results remembered by text: what an application of a ruleset parses is nearly all
 * what the one before it parsed. At most `bound` results; when full, all are forgotten.
 */
export function remembered<T>(work: (text: string) => T, bound: number): (text: string) => T {
  const results = new Map<string, T>();
  return (text) => {
    const known = results.get(text);
    if (known !== undefined || results.has(text)) return known as T;
    const result = work(text);
    if (results.size >= bound) results.clear();
    results.set(text, result);
    return result;
  };
}
