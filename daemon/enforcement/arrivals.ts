import type { CheckedStructure } from './checked.ts';
import { type Family, protocolName, sourceField } from './kinds.ts';
import { parseListing } from './listing.ts';
import type { NftPort } from './nft-port.ts';
import { differ, match, type Rule } from './statement.ts';
import { tableName } from './table.ts';

/** Counts what arrives from upstream: while it stands still, nobody out there answers anybody. */
export const arrivalsCounter = 'arrivals';

/** ICMP and ICMPv6 by number. */
const icmp = [1, 58] as const;
/** The router at the other end of the link speaks from there, and IPv6 has it speak all the time. */
const linkLocal6 = 'fe80::/10';

/**
 * What proves that the line works: a packet for us, forwarded or not, from beyond the link itself. A modem, or the
 * router of a double NAT, goes on answering ARP, DNS and DHCP on the link and sends ICMP errors when its line is cut;
 * other customers of a cable segment shout. So neither broadcasts nor ICMP nor neighbours on the link count.
 */
export function arrivalsRules({ upstream, upstreamNets }: CheckedStructure): Rule[] {
  const count = (family: Family): Rule => [
    match('nfproto', { one: protocolName[family] }),
    differ('l4proto', { any: icmp }),
    ...[linkLocal6, ...upstreamNets]
      .filter((prefix) => prefix.includes(':') === (family === 6))
      .map((prefix) => differ(sourceField[family], { one: prefix })),
    { is: 'count', name: arrivalsCounter },
  ];
  return upstream.length > 0 ? [count(4), count(6)] : [];
}

/** Reads the counter, in a millisecond or two; undefined where there is none. */
export async function readArrivals(nft: Pick<NftPort, 'list'>): Promise<number | undefined> {
  const result = await nft.list(['list', 'counter', 'inet', tableName, arrivalsCounter], 4096);
  const objects = result.code === 0 ? parseListing(result.stdout, tableName) : undefined;
  const packets = objects?.find(({ kind }) => kind === 'counter')?.value['packets'];
  return typeof packets === 'number' ? packets : undefined;
}
