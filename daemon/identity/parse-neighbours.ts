import { canonicalIp } from '../address/ip.ts';
import { parseMac } from '../address/mac.ts';
import type { Neighbour } from './sighting.ts';
import { type LineResult, type Parsed, parseLines } from './table-lines.ts';

/** Neighbour states in which the kernel heard from the other side, or was told never to ask. */
const freshStates = new Set(['REACHABLE', 'DELAY', 'PROBE', 'PERMANENT']);

/**
 * Reads `ip neigh show` of iproute2 and of busybox (which has no JSON), for IPv4 and IPv6. Entries without a
 * link-layer address (INCOMPLETE, FAILED, multicast, interfaces without Ethernet) are left out and not counted.
 */
export function parseNeighbours(text: string): Parsed<Neighbour> {
  return parseLines(text, parseNeighbour);
}

/** `192.168.7.20 dev br-lan lladdr ec:71:db:00:11:22 ref 1 used 0/0/0 probes 1 REACHABLE`: words in pairs, the state last. */
function parseNeighbour(line: string): LineResult<Neighbour> {
  const words = line.split(/\s+/);
  const address = canonicalIp(words[0] ?? '');
  const link = after(words, 'dev');
  if (!address || !link || !isInterface(link)) return undefined;
  const mac = parseMac(after(words, 'lladdr') ?? '');
  if (!mac || isNobody(address)) return 'skip';
  return { address, mac, interface: link, fresh: freshStates.has(words.at(-1) ?? '') };
}

/**
 * An entry for every peer of a link without Ethernet. busybox 1.35 prints the MAC of the line before on it (see
 * busybox-1.35/neigh.txt), so it must not be believed.
 */
const isNobody = (address: string) => address === '0.0.0.0' || address === '::';

function after(words: readonly string[], word: string): string | undefined {
  const index = words.indexOf(word);
  return index < 0 ? undefined : words[index + 1];
}

/** Linux limits an interface's name to 15 bytes, without spaces and slashes. */
export function isInterface(name: string): boolean {
  return /^[^\s/]{1,15}$/.test(name);
}
