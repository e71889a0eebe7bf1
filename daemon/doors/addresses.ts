import { type Ip, parseIp } from '../address/ip.ts';
import { contains, prefixOf } from '../address/prefix.ts';
import { listOf, member } from './json.ts';

/** Whether an address is meant by a value of the rules: one address, a prefix or a range. */
export function meansAddress(value: unknown, ip: Ip): boolean {
  if (typeof value === 'string') return isSame(parseIp(value), ip);
  const prefix = member(value, 'prefix');
  if (prefix !== undefined) {
    const base = ipOf(member(prefix, 'addr'));
    const length = member(prefix, 'len');
    const isLength = typeof length === 'number' && Number.isInteger(length) && length > 0;
    if (!base || !isLength || length > (base.family === 4 ? 32 : 128)) return false;
    return contains(prefixOf(base, length), ip);
  }
  const [from, to] = listOf(member(value, 'range')).map(ipOf);
  if (!from || !to || from.family !== ip.family || to.family !== ip.family) return false;
  return from.value <= ip.value && ip.value <= to.value;
}

/** Whether the bits of the mask are those of the value: an IPv6 host part, whatever prefix the provider gives. */
export function meansMasked(mask: unknown, value: unknown, ip: Ip): boolean {
  const bits = ipOf(mask);
  const wanted = ipOf(value);
  if (!bits || !wanted || bits.family !== ip.family || wanted.family !== ip.family || bits.value === 0n)
    return false;
  return (ip.value & bits.value) === wanted.value;
}

/** Whether an address is meant by bits as nft lists them: a number, or where it has more than 64 bits `0x20010db8...`. */
export function meansRaw(value: unknown, ip: Ip): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) && ip.value === BigInt(value);
  return typeof value === 'string' && /^0x[0-9a-f]{1,32}$/i.test(value) && ip.value === BigInt(value);
}

const ipOf = (value: unknown) => (typeof value === 'string' ? parseIp(value) : undefined);

const isSame = (one: Ip | undefined, other: Ip) => one?.family === other.family && one.value === other.value;
