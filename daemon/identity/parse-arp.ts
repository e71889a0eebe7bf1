import { canonicalIp } from '../address/ip.ts';
import { parseMac } from '../address/mac.ts';
import { isInterface } from './parse-neighbours.ts';
import type { Neighbour } from './sighting.ts';
import { type LineResult, type Parsed, parseLines } from './table-lines.ts';

/** Ethernet, of the kernel's `ARPHRD_` numbers. */
const ethernet = '0x1';
/** `ATF_COM`: the entry has an answer. `ATF_PERM`: it was set by hand. */
const complete = 2;
const permanent = 4;

/**
 * Reads `/proc/net/arp`: IPv4 only, and without the state, so that nothing but a permanent entry counts as fresh.
 * The last resort where `ip` is missing.
 */
export function parseArp(text: string): Parsed<Neighbour> {
  return parseLines(text, parseEntry);
}

/** Columns: address, hardware type, flags, hardware address, mask, device. */
function parseEntry(line: string): LineResult<Neighbour> {
  if (line.startsWith('IP address')) return 'skip';
  const [text = '', type, flagText = '', hardware = '', , link = ''] = line.split(/\s+/);
  const address = canonicalIp(text);
  // A link without Ethernet leaves the hardware column empty, which shifts what follows.
  if (address && type !== ethernet) return 'skip';
  if (!address || !/^0x[0-9a-f]{1,8}$/.test(flagText) || !isInterface(link)) return undefined;
  const flags = Number(flagText);
  const mac = parseMac(hardware);
  if (!mac || (flags & complete) === 0) return 'skip';
  return { address, mac, interface: link, fresh: (flags & permanent) !== 0 };
}
