/** An address as its family and its value as a number of 32 or 128 bits. */
export interface Ip {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/**
 * Reads an IPv4 or IPv6 address as the kernel's tools print it; undefined for anything else.
 *
 * Strict on purpose: no octal or shortened IPv4, no zone (`%br-lan`), no prefix length. An IPv4-mapped IPv6
 * address stays IPv6.
 */
export function parseIp(text: string): Ip | undefined {
  if (text.length > 45) return undefined;
  if (text.includes(':')) {
    const value = parseIp6(text);
    return value === undefined ? undefined : { family: 6, value };
  }
  const value = parseIp4(text);
  return value === undefined ? undefined : { family: 4, value: BigInt(value) };
}

/** An IPv4 address as a number of 32 bits; undefined for anything else. Character by character: every address of every flow comes by here. */
export function parseIp4(text: string): number | undefined {
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === dot && octet >= 0) {
      value = value * 256 + octet;
      octet = -1;
      dots++;
    } else if (code >= zero && code <= nine && octet !== 0) {
      octet = octet < 0 ? code - zero : octet * 10 + code - zero;
      if (octet > 255) return undefined;
    } else return undefined;
  }
  return dots === 3 && octet >= 0 ? value * 256 + octet : undefined;
}

const dot = 46;
const zero = 48;
const nine = 57;

function parseIp6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? '');
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '') : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...head, ...Array<number>(halves.length === 2 ? missing : 0).fill(0), ...tail];
  return all.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** The 16-bit groups of one half of an IPv6 address; a dotted IPv4 tail counts as two. */
function groupsOf(half: string): number[] | undefined {
  if (half === '') return [];
  const groups: number[] = [];
  const parts = half.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.') && index === parts.length - 1) {
      const value = parseIp4(part);
      if (value === undefined) return undefined;
      groups.push(Math.floor(value / 65536), value % 65536);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

/** The canonical text of an address: dotted IPv4, or IPv6 as RFC 5952 writes it (lower case, longest run of zeros as `::`). */
export function formatIp({ family, value }: Ip): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((value >> BigInt(112 - 16 * index)) & 0xffffn),
  );
  const run = longestZeroRun(groups);
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  if (run.length < 2) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

function longestZeroRun(groups: number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (start + length < groups.length && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** The canonical text of an address given as text, or undefined if it is none. */
export function canonicalIp(text: string): string | undefined {
  const ip = parseIp(text);
  return ip && formatIp(ip);
}
