import { canonicalIp } from '../address/ip.ts';
import { parseMac } from '../address/mac.ts';
import type { Lease } from './sighting.ts';
import { type LineResult, type Parsed, parseLines } from './table-lines.ts';

/**
 * Reads the lease files of dnsmasq (`/tmp/dhcp.leases`) and of odhcpd (`/tmp/hosts/odhcpd` up to 24.10,
 * `/tmp/odhcpd.leases` later), told apart line by line. Host names come raw: see hostname.ts.
 */
export function parseLeases(text: string): Parsed<Lease> {
  return parseLines(text, parseLease);
}

function parseLease(line: string): LineResult<Lease> {
  // dnsmasq names its own DUID above its IPv6 leases.
  if (line.startsWith('duid ')) return 'skip';
  const words = line.split(/\s+/);
  if (words[0] === '#') return parseOdhcpd(words.slice(1));
  return /^\d{1,19}$/.test(words[0] ?? '') ? parseDnsmasq(words) : parseHosts(words);
}

/** `expiry mac address hostname clientid`; an IPv6 lease has its IAID for the MAC. `*` stands for no name. */
function parseDnsmasq([, hardware = '', text = '', hostname = '']: readonly string[]): LineResult<Lease> {
  const address = canonicalIp(text);
  if (!address || hardware === '') return undefined;
  return lease(address, address.includes(':') ? '' : hardware, hostname, '*');
}

/** `# interface duid iaid hostname expiry assigned length address/length …`, with `ipv4` for the IAID and the MAC for the DUID. */
function parseOdhcpd(words: readonly string[]): LineResult<Lease> {
  const [, client = '', kind = '', hostname = '', , , , first] = words;
  // Prefixes that were handed out, and clients that got nothing.
  if (first === undefined) return words.length >= 6 ? 'skip' : undefined;
  const address = canonicalIp(first.split('/')[0] ?? '');
  return address === undefined ? undefined : lease(address, kind === 'ipv4' ? client : '', hostname, '-');
}

/** `address hostname`: odhcpd's file is a hosts file too. */
function parseHosts([text = '', hostname = '']: readonly string[]): LineResult<Lease> {
  const address = canonicalIp(text);
  return address === undefined || hostname === '' ? undefined : lease(address, '', hostname, '-');
}

function lease(address: string, hardware: string, hostname: string, none: string): Lease {
  const mac = parseMac(hardware);
  const hasName = hostname !== '' && hostname !== none;
  return { address, ...(mac ? { mac } : {}), ...(hasName ? { hostname } : {}) };
}
