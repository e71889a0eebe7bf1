/** Interface, destination, and the next hop as one number in the machine's byte order. */
const row = /^\S+\t[0-9A-F]{8}\t([0-9A-F]{8})\t/gm;

/** The next hops of `/proc/net/route`: IPv4, main table. No device at home makes routes there; IPv6 ones it may ask for. */
export function nextHops(text: string, byteOrder: 'LE' | 'BE'): ReadonlySet<string> {
  const hops = new Set<string>();
  for (const [, hex = ''] of text.matchAll(row)) {
    const bytes = [0, 2, 4, 6].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    hops.add((byteOrder === 'LE' ? bytes.reverse() : bytes).join('.'));
  }
  return hops;
}
