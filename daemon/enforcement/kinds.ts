import type { Field } from './statement.ts';
import type { ElementType } from './table.ts';

/** How a device is recognised in a packet: by MAC, IPv4 address, or IPv6 /64. */
export const kinds = ['mac', 'ip4', 'ip6'] as const;
export type Kind = (typeof kinds)[number];

export type Family = 4 | 6;

/** The field that holds the device's key. */
export const keyField = { mac: 'mac', ip4: 'src4', ip6: 'net6' } as const satisfies Record<Kind, Field>;

export const keyType = { mac: 'ether_addr', ip4: 'ipv4_addr', ip6: 'ipv6_addr' } as const satisfies Record<
  Kind,
  ElementType
>;

export const addressType = { 4: 'ipv4_addr', 6: 'ipv6_addr' } as const satisfies Record<Family, ElementType>;
export const sourceField = { 4: 'src4', 6: 'src6' } as const satisfies Record<Family, Field>;
export const destinationField = { 4: 'dst4', 6: 'dst6' } as const satisfies Record<Family, Field>;
export const protocolName = { 4: 'ipv4', 6: 'ipv6' } as const;

/** A kind together with the family of the addresses beside it: `mac4`, `mac6`, `ip4`, `ip6`. */
export const pairs = [
  { name: 'mac4', kind: 'mac', family: 4 },
  { name: 'mac6', kind: 'mac', family: 6 },
  { name: 'ip4', kind: 'ip4', family: 4 },
  { name: 'ip6', kind: 'ip6', family: 6 },
] as const satisfies readonly { name: string; kind: Kind; family: Family }[];
export type Pair = (typeof pairs)[number];

/** The pair of a device's kind and a destination's family; undefined where an address could never be its source. */
export function pairOf(kind: Kind, family: Family): Pair | undefined {
  return pairs.find((pair) => pair.kind === kind && pair.family === family);
}
