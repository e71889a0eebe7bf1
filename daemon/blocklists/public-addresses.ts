import { parseIp } from '../address/ip.ts';
import { contains, parsePrefix } from '../address/prefix.ts';
import type { Network } from '../config/config.ts';

/** What the internet sees of the home. */
export interface PublicAddresses {
  /** At most one of each family. */
  readonly addresses: readonly string[];
  /** The provider puts many homes behind one address (CGNAT), or another router is in front: nobody here knows it. */
  readonly shared: boolean;
}

/** Not routed on the internet, or not anybody's own (RFC 6890); 100.64/10 is what a provider shares (RFC 6598). */
const special4 = [
  ...[
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.0.0.0/24',
  ],
  ...['192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3'],
].flatMap((text) => parsePrefix(text) ?? []);
const global6 = parsePrefix('2000::/3');
const special6 = ['2001::/23', '2001:db8::/32', '2002::/16'].flatMap((text) => parsePrefix(text) ?? []);

/** Whether the internet can send to it, and to nobody else. */
export function isPublic(address: string): boolean {
  const ip = parseIp(address);
  if (!ip) return false;
  if (ip.family === 4) return !special4.some((prefix) => contains(prefix, ip));
  return global6 !== undefined && contains(global6, ip) && !special6.some((prefix) => contains(prefix, ip));
}

/**
 * The home's public addresses, from its own interfaces and from nobody else: the IPv4 address of a link outwards, and
 * an IPv6 address of the home's prefix (lists hold whole /64), else of the link.
 */
export function publicAddresses(networks: readonly Network[]): PublicAddresses {
  const of = (role: Network['role']) =>
    networks.filter((network) => network.role === role).flatMap(({ addresses }) => addresses);
  const outside = of('upstream');
  const inside = of('guard');
  const four = outside.find((address) => !address.includes(':') && isPublic(address));
  const six = [...inside, ...outside].find((address) => address.includes(':') && isPublic(address));
  const hasFour = outside.some((address) => !address.includes(':'));
  return { addresses: [four, six].filter((one) => one !== undefined), shared: hasFour && four === undefined };
}
