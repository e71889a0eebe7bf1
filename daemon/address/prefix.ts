import { formatIp, type Ip, parseIp } from './ip.ts';

/** A network: its first address and the number of leading bits that belong to it (0 to 32 or 128). */
export interface Prefix {
  readonly family: 4 | 6;
  readonly value: bigint;
  readonly length: number;
}

const widthOf = (family: 4 | 6) => (family === 4 ? 32 : 128);

/** The network of `length` bits that holds the address. */
export function prefixOf(ip: Ip, length: number): Prefix {
  const host = BigInt(widthOf(ip.family) - length);
  return { family: ip.family, value: (ip.value >> host) << host, length };
}

/** Reads `address/length` or a bare address (a network of one); undefined for anything else. Host bits are cleared. */
export function parsePrefix(text: string): Prefix | undefined {
  const [address = '', bits, rest] = text.split('/');
  const ip = parseIp(address);
  if (!ip || rest !== undefined) return undefined;
  if (bits === undefined) return prefixOf(ip, widthOf(ip.family));
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > widthOf(ip.family)) return undefined;
  return prefixOf(ip, Number(bits));
}

/** The canonical text, `address/length`; a network of one address is written without its length. */
export function formatPrefix(prefix: Prefix): string {
  const address = formatIp(prefix);
  return prefix.length === widthOf(prefix.family) ? address : `${address}/${prefix.length}`;
}

/** Whether the address lies in the network; false across families. */
export function contains(prefix: Prefix, ip: Ip): boolean {
  return prefix.family === ip.family && prefixOf(ip, prefix.length).value === prefix.value;
}
