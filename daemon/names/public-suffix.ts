/*
 * The packed list, little endian: u32 number of plain rules (`co.uk`), of wildcards (`*.ck`) and of exceptions (`!www.ck`),
 * then for each of these kinds, in this order, its rules (without `*.` and `!`): u32 hash, ascending, and u8 check.
 * Rules of one label are left out: they say what the list says of every name that no rule matches.
 */

/** Bytes before the rules, and of each. */
export const suffixHeaderBytes = 12;
export const suffixRowBytes = 5;

/**
 * The part of a name that one owner registered, by the Public Suffix List: `example.co.uk` of `mail.example.co.uk`. Undefined
 * for a public suffix and for what is no name. Takes lower case and punycode, as DNS has it.
 */
export type RegistrableDomain = (name: string) => string | undefined;

/** Where there is no data file, nobody can tell. */
export const noSuffixes: RegistrableDomain = () => undefined;

/** What a domain's last label must have a letter for: else it is an address. */
const dnsName =
  /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether it is a name in the form that DNS has it in: lower case, no final dot. */
export const isDnsName = (text: string): boolean => dnsName.test(text);

/** Opens the list of suffix-pack.ts. Bytes that are no such list tell nothing. Keeps the bytes, makes no copy. */
export function openSuffixes(bytes: Uint8Array): RegistrableDomain {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const counts = [0, 4, 8].map((at) => (bytes.length < suffixHeaderBytes ? 0 : view.getUint32(at, true)));
  const [plain = 0, wild = 0, except = 0] = counts;
  if (bytes.length !== suffixHeaderBytes + suffixRowBytes * (plain + wild + except)) return noSuffixes;

  /** Whether it is among the rules from `from` on, by halving. */
  function has(hash: number, check: number, from: number, count: number): boolean {
    let low = from;
    let high = from + count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = suffixHeaderBytes + middle * suffixRowBytes;
      const found = view.getUint32(at, true);
      if (found === hash) return view.getUint8(at + 4) === check;
      if (found < hash) low = middle + 1;
      else high = middle;
    }
    return false;
  }

  return (name) => {
    if (!isDnsName(name)) return undefined;
    /** Where the public suffix, and the label before it, begin; -1: there is no such label. */
    let suffixAt = name.lastIndexOf('.') + 1;
    let hash = emptyHash;
    let check = 0;
    for (let at = name.length - 1; at >= 0; at--) {
      const code = name.charCodeAt(at);
      hash = extendHash(hash, code);
      check = extendCheck(check, code);
      if (at > 0 && name.charCodeAt(at - 1) !== dot) continue;
      // From `at` on it is a name of its own: the parent of the whole, or the whole.
      if (has(hash, check, plain + wild, except)) return name.slice(at);
      if (has(hash, check, plain, wild) && at > 0) suffixAt = labelBefore(name, at);
      else if (has(hash, check, 0, plain)) suffixAt = Math.min(suffixAt, at);
    }
    return suffixAt === 0 ? undefined : name.slice(labelBefore(name, suffixAt));
  };
}

const dot = 46;
/** Where the label begins that ends just before `at`. */
const labelBefore = (name: string, at: number) => name.lastIndexOf('.', at - 2) + 1;

/**
 * FNV-1a, 32 bits, over a name from its end: each parent's hash comes by on the way. With 8,300 rules every hundred
 * thousandth name would meet the hash of a rule that is none of its own, hence the check beside it.
 */
export const emptyHash = 0x811c9dc5;
export const extendHash = (hash: number, code: number): number => Math.imul(hash ^ code, 0x01000193) >>> 0;
export const extendCheck = (check: number, code: number): number => (check * 31 + code) & 255;
