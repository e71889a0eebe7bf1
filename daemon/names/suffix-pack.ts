import { emptyHash, extendCheck, extendHash, suffixHeaderBytes, suffixRowBytes } from './public-suffix.ts';

/**
 * Packs the rules of the Public Suffix List (`com`, `*.ck`, `!www.ck`), in lower case and punycode. Both sections count, the
 * ICANN domains and the private ones: what matters is whether one owner is behind two names, and customers who get a name
 * below their hoster's (`compute.amazonaws.com`, `github.io`) are strangers to each other. Throws where two rules of a kind
 * have one hash.
 */
export function packSuffixes(rules: readonly string[]): Uint8Array {
  const kinds = [
    sorted(rules.filter((rule) => /^[^*!]*\.[^*!]*$/.test(rule))),
    sorted(rules.filter((rule) => rule.startsWith('*.')).map((rule) => rule.slice(2))),
    sorted(rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1))),
  ];
  const rows = kinds.flat();
  const bytes = new Uint8Array(suffixHeaderBytes + suffixRowBytes * rows.length);
  const view = new DataView(bytes.buffer);
  for (const [index, { length }] of kinds.entries()) view.setUint32(index * 4, length, true);
  for (const [index, name] of rows.entries()) {
    const at = suffixHeaderBytes + index * suffixRowBytes;
    view.setUint32(at, over(name, extendHash, emptyHash), true);
    view.setUint8(at + 4, over(name, extendCheck, 0));
  }
  return bytes;
}

function sorted(names: readonly string[]): string[] {
  const unique = new Map<number, string>();
  for (const name of names) {
    const hash = over(name, extendHash, emptyHash);
    if (!/^[a-z0-9.-]+$/.test(name)) throw new Error(`no rule in ASCII: ${name}`);
    if ((unique.get(hash) ?? name) !== name) throw new Error(`${name} has the hash of ${unique.get(hash)}`);
    unique.set(hash, name);
  }
  return [...unique].sort(([a], [b]) => a - b).map(([, name]) => name);
}

const over = (name: string, extend: (value: number, code: number) => number, start: number) =>
  [...name].reduceRight((value, sign) => extend(value, sign.charCodeAt(0)), start);
