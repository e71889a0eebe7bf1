import { formatIp, type Ip, parseIp } from '../address/ip.ts';
import { formatPrefix, type Prefix, prefixOf } from '../address/prefix.ts';

/*
 * The packed table, little endian. A text is u8 length and as many ASCII bytes.
 *   text  where it comes from, and when
 *   u8 number of providers, for each: text name, u8 mailboxes (0 or 1), u8 number of domains, a text each
 *   u16 number of IPv4 blocks, for each: u32 first address, u8 length, u8 provider
 *   u16 number of IPv6 blocks, for each: u32 and u16, the first 48 bits, u8 length, u8 provider
 * Blocks are ascending, none inside another.
 */

/** Servers that count as one destination. */
export interface Group {
  /** The provider's name, the registrable domain of a relay's name, else the network: `203.0.0.0/16`, `2001:db8::/32`. */
  readonly id: string;
  /** Set where it is a provider of the table. */
  readonly provider?: string;
  /**
   * It receives the mail of a large part of everybody: a bot that mails its many exchangers is no device that mails
   * through one relay of many addresses. False for hosters, where the second is the likelier.
   */
  readonly mailboxes: boolean;
}

/** Providers whose mail servers are spread over many networks. */
export interface Providers {
  /** Where the table comes from, for people; empty where there is none. */
  readonly source: string;
  /** The group of an address in canonical text: a provider's, else its /16 (IPv4) or /32 (IPv6). */
  groupOf(address: string): Group;
  /** The provider to whose own servers the name leads, by its domain. A name in lower case, without a final dot. */
  ownerOf(name: string): Group | undefined;
  /** The blocks of the provider in canonical text; the same list each time. */
  prefixesOf(provider: string): readonly string[];
}

/** First and last numbers of blocks, ascending, and whose they are: 32 bits of IPv4, or the first 48 of IPv6. */
interface Spans {
  /** Of one kind for both families: halving a list of two kinds takes twice as long. */
  readonly first: Float64Array;
  readonly last: Float64Array;
  readonly owner: Uint8Array;
}

const spansFor = (count: number): Spans => ({
  first: new Float64Array(count),
  last: new Float64Array(count),
  owner: new Uint8Array(count),
});
const noSpans = spansFor(0);

const mostNetworks = 4096;

/** Where there is no data file, every network is one of its own. */
export const noProviders: Providers = tableOf('', [], new Map(), noSpans, noSpans);

/** Opens the table that provider-pack.ts made. Bytes that are no such table know no provider. Does not keep the bytes. */
export function openProviders(bytes: Uint8Array): Providers {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const byte = () => view.getUint8(at++);
  const text = () => {
    const length = byte();
    if (at + length > bytes.length) throw new RangeError();
    at += length;
    return String.fromCharCode(...bytes.subarray(at - length, at));
  };
  const spans = (width: 32 | 48): Spans => {
    const count = view.getUint16(at, true);
    at += 2;
    const made = spansFor(count);
    for (let row = 0; row < count; row++) {
      let first = view.getUint32(at, true);
      at += 4;
      if (width === 48) first = first * 65_536 + (byte() | (byte() << 8));
      made.first[row] = first;
      made.last[row] = first + 2 ** (width - byte()) - 1;
      made.owner[row] = byte();
    }
    return made;
  };
  try {
    const source = text();
    const domains = new Map<string, Group>();
    const groups = Array.from({ length: byte() }, (): Group => {
      const name = text();
      const group = { id: name, provider: name, mailboxes: byte() === 1 };
      for (let left = byte(); left > 0; left--) domains.set(text(), group);
      return group;
    });
    return tableOf(source, groups, domains, spans(32), spans(48));
  } catch {
    return noProviders;
  }
}

function tableOf(
  source: string,
  groups: readonly Group[],
  domains: ReadonlyMap<string, Group>,
  spans4: Spans,
  spans6: Spans,
): Providers {
  /** Bound: one list for each provider of the table. */
  const asked = new Map<string, readonly string[]>();

  /** Networks met before, so that their texts are made and hashed once: at most {@link mostNetworks}, then all are forgotten. */
  const networks = new Map<number, Group>();

  function network4(number: number): Group {
    const known = networks.get(number);
    if (known) return known;
    if (networks.size >= mostNetworks) networks.clear();
    const network: Group = { id: `${number >>> 8}.${number & 255}.0.0/16`, mailboxes: false };
    networks.set(number, network);
    return network;
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
    const owner = find(spans4, value);
    const found = owner === undefined ? undefined : groups[owner];
    return found ?? network4(value >>> 16);
  }

  function groupOf6(address: string): Group {
    const ip = parseIp(address);
    if (!ip) return nowhere;
    if (ip.value >> 32n === nat64) return groupOf4(formatIp({ family: 4, value: ip.value & 0xffff_ffffn }));
    const owner = find(spans6, Number(ip.value >> 80n));
    const found = owner === undefined ? undefined : groups[owner];
    return found ?? { id: networkOf(ip), mailboxes: false };
  }

  return {
    source,
    groupOf: (address) => (address.includes(':') ? groupOf6(address) : groupOf4(address)),
    ownerOf(name) {
      let domain = name;
      for (;;) {
        const found = domains.get(domain);
        const dot = domain.indexOf('.');
        if (found || dot < 0) return found;
        domain = domain.slice(dot + 1);
      }
    },
    prefixesOf(provider) {
      const known = asked.get(provider);
      const owner = groups.findIndex(({ id }) => id === provider);
      if (known || owner < 0) return known ?? [];
      const prefixes = [...prefixesIn(spans4, 4, owner), ...prefixesIn(spans6, 6, owner)].map(formatPrefix);
      asked.set(provider, prefixes);
      return prefixes;
    },
  };
}

/** Where an address that cannot be read belongs. Addresses come parsed, so nothing should ever. */
const nowhere: Group = { id: 'unreadable', mailboxes: false };

/** RFC 6052: an IPv4 server as seen through NAT64. All of them would be one group. */
const nat64 = 0x64_ff9b_0000_0000_0000_0000n;

/** The network of an address that stands for its group where no provider or name is known. */
export function networkOf(ip: Ip): string {
  return formatPrefix(prefixOf(ip, ip.family === 4 ? 16 : 32));
}

/** Whose block the number lies in, by halving. */
function find({ first, last, owner }: Spans, value: number): number | undefined {
  let low = 0;
  let high = first.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((first[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low > 0 && value <= (last[low - 1] ?? 0) ? owner[low - 1] : undefined;
}

function prefixesIn({ first, last, owner }: Spans, family: 4 | 6, wanted: number): Prefix[] {
  const [width, shift] = family === 4 ? [32, 0n] : [48, 80n];
  return Array.from(owner.keys())
    .filter((row) => owner[row] === wanted)
    .map((row) => {
      const [start = 0, end = 0] = [first[row], last[row]];
      return { family, value: BigInt(start) << shift, length: width - Math.log2(end - start + 1) };
    });
}
