import { formatIp, type Ip, parseIp } from '../address/ip.ts';
import { formatPrefix, parsePrefix, prefixOf } from '../address/prefix.ts';
import { type Provider, providers } from './provider-table.ts';

/** Servers that count as one destination. */
export interface Group {
  /** The provider's name, else the network: `203.0.0.0/16`, `2001:db8::/32`. */
  readonly id: string;
  /** Set where it is a provider of the table. */
  readonly provider?: string;
  /** The provider receives the mail of a large part of everybody: see {@link Provider.mailboxes}. */
  readonly mailboxes: boolean;
}

/** First and last address of a provider's block, as a number: 32 bits of IPv4, or the first 48 bits of IPv6. */
interface Span {
  readonly first: number;
  readonly last: number;
  readonly group: Group;
}

function spansOf(family: 4 | 6, width: number): readonly Span[] {
  const spans: Span[] = [];
  for (const { name, mailboxes, prefixes } of providers) {
    const group: Group = { id: name, provider: name, mailboxes };
    for (const text of prefixes) {
      const prefix = parsePrefix(text);
      if (prefix?.family !== family) continue;
      const first = leadingBits(prefix, width);
      spans.push({ first, last: first + 2 ** (width - prefix.length) - 1, group });
    }
  }
  return spans.sort((a, b) => a.first - b.first);
}

const leadingBits = (ip: Ip, width: number) =>
  Number(ip.value >> BigInt((ip.family === 4 ? 32 : 128) - width));

const spans4 = spansOf(4, 32);
const spans6 = spansOf(6, 48);

/** The span that holds the number, by halving: spans are sorted and do not overlap. */
function find(spans: readonly Span[], value: number): Span | undefined {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((spans[middle]?.first ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  const span = spans[low - 1];
  return span && value <= span.last ? span : undefined;
}

/** Where an address that cannot be read belongs. Addresses come parsed, so nothing should ever. */
const nowhere: Group = { id: 'unreadable', mailboxes: false };

/** The group of an address in canonical text: a provider's, else its /16 (IPv4) or /32 (IPv6). */
export function groupOf(address: string): Group {
  return address.includes(':') ? groupOf6(address) : groupOf4(address);
}

/** The way of every flow: digits to a number and back, without big numbers. */
function groupOf4(address: string): Group {
  let value = 0;
  let octet = 0;
  let dots = 0;
  for (let index = 0; index < address.length; index++) {
    const code = address.charCodeAt(index);
    if (code === 46) {
      value = value * 256 + octet;
      octet = 0;
      dots++;
    } else octet = octet * 10 + (code - 48);
  }
  if (dots !== 3 || !(octet >= 0 && octet < 256)) return nowhere;
  value = value * 256 + octet;
  const found = find(spans4, value);
  return found?.group ?? { id: `${value >>> 24}.${(value >>> 16) & 255}.0.0/16`, mailboxes: false };
}

/** RFC 6052: an IPv4 server as seen through NAT64. All of them would be one group. */
const nat64 = 0x64_ff9b_0000_0000_0000_0000n;

function groupOf6(address: string): Group {
  const ip = parseIp(address);
  if (!ip) return nowhere;
  if (ip.value >> 32n === nat64) return groupOf4(formatIp({ family: 4, value: ip.value & 0xffff_ffffn }));
  const found = find(spans6, leadingBits(ip, 48));
  return found?.group ?? { id: formatPrefix(prefixOf(ip, 32)), mailboxes: false };
}

/** The provider of that name, with its prefixes and title. */
export function providerNamed(name: string): Provider | undefined {
  return providers.find((provider) => provider.name === name);
}
