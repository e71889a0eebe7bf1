import { contains, formatPrefix, type Prefix, parsePrefix, prefixOf } from '../../daemon/address/prefix.ts';
import {
  type ProviderList,
  type ProviderSource,
  packProviders,
} from '../../daemon/detection/provider-pack.ts';
import { aggregate } from './aggregate.ts';
import type { Dns } from './dns.ts';
import { readMx, readSpf } from './spf.ts';

/** The list as DNS has it now, and what people should know about it. */
export interface Refreshed {
  readonly list: ProviderList;
  readonly notes: readonly string[];
  /** Providers whose records could not be read: of them nothing changed. */
  readonly failed: readonly string[];
}

/**
 * Reads the records of every provider anew. What was written by hand stays, what was found before goes. A block of another
 * provider's (an include of a third party) is left out, and so is what can be no provider's.
 */
export async function refresh(old: ProviderList, dns: Dns, date: string): Promise<Refreshed> {
  const notes: string[] = [];
  const failed: string[] = [];
  const providers: ProviderSource[] = [];
  for (const provider of old.providers) {
    // Of those that were read the new, of the others the old: one that cannot be read keeps what it has.
    const others = [...providers, ...old.providers.slice(providers.length + 1)];
    const taken = others.flatMap(({ blocks, found }) => [...blocks, ...found]);
    try {
      const prefixes = await read(provider, dns, (note) => notes.push(`${provider.name}: ${note}`));
      const found = foundOf(provider, prefixes, taken, (note) => notes.push(`${provider.name}: ${note}`));
      providers.push({ ...provider, date, found });
    } catch (error) {
      failed.push(provider.name);
      notes.push(`${provider.name}: ${error instanceof Error ? error.message : String(error)}`);
      providers.push(provider);
    }
  }
  const source = 'SPF records and exchangers of the providers, and blocks written by hand';
  const list = failed.length === providers.length ? old : { date, source, providers };
  packProviders(list);
  return { list, notes, failed };
}

async function read(provider: ProviderSource, dns: Dns, note: (text: string) => void): Promise<Prefix[]> {
  const prefixes: Prefix[] = [];
  for (const domain of provider.spf) {
    const senders = await readSpf(dns, domain);
    prefixes.push(...senders.prefixes);
    for (const skipped of senders.skipped) note(`not followed: ${skipped}`);
  }
  for (const domain of provider.mx) {
    const exchangers = await readMx(dns, domain);
    if (exchangers.length === 0) note(`${domain} has no exchangers`);
    prefixes.push(...exchangers);
  }
  return prefixes;
}

/** No provider has half a continent, and none has what is private. */
const shortest = { 4: 8, 6: 20 } as const;
/** The table's own bound: IPv6 up to /48. */
const longest = { 4: 32, 6: 48 } as const;
const nobodys = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
];
const nobodys6 = ['192.168.0.0/16', '224.0.0.0/3', '::/8', 'fc00::/7', 'fe80::/10', 'ff00::/8'];
const never = parsed([...nobodys, ...nobodys6]);

function foundOf(
  { blocks }: ProviderSource,
  prefixes: readonly Prefix[],
  taken: readonly string[],
  note: (text: string) => void,
): string[] {
  const own = parsed(blocks);
  const others = parsed(taken);
  const fitting = prefixes.map((prefix) => prefixOf(prefix, Math.min(prefix.length, longest[prefix.family])));
  const kept = fitting.filter((prefix) => {
    const isSound = prefix.length >= shortest[prefix.family] && !overlaps(never, prefix);
    if (!isSound) note(`left out: ${formatPrefix(prefix)} can be no provider's`);
    else if (overlaps(others, prefix)) note(`left out: ${formatPrefix(prefix)} is another's`);
    return isSound && !overlaps(others, prefix);
  });
  return aggregate(kept)
    .filter((prefix) => !own.some((block) => contains(block, prefix)))
    .map(formatPrefix);
}

const overlaps = (prefixes: readonly Prefix[], one: Prefix) =>
  prefixes.some((other) => contains(other, one) || contains(one, other));

function parsed(texts: readonly string[]): Prefix[] {
  return texts.flatMap((text) => parsePrefix(text) ?? []);
}
