import { parseIp } from '../address/ip.ts';

/** What every list has listed, and what none may list, so that whoever asks can see whether he is answered (RFC 5782, 5). */
export const testPoints = { listed: '127.0.0.2', clear: '127.0.0.1' } as const;

/**
 * The name under which a list holds an address: octets of IPv4, nibbles of IPv6, backwards, before the list's zone
 * (RFC 5782, 2.1 and 2.4). Undefined if it is no address.
 */
export function queryName(address: string, zone: string): string | undefined {
  const ip = parseIp(address);
  if (!ip) return undefined;
  if (ip.family === 4) return `${address.split('.').toReversed().join('.')}.${zone}`;
  const nibbles = ip.value.toString(16).padStart(32, '0').split('').toReversed();
  return `${nibbles.join('.')}.${zone}`;
}
