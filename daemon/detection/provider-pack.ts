import { contains, formatPrefix, type Prefix, parsePrefix } from '../address/prefix.ts';

/** A provider as providers.json tells of it. */
export interface ProviderSource {
  /** Our own: `[a-z0-9_]{1,15}`. */
  readonly name: string;
  readonly title: string;
  /** See {@link Group.mailboxes} of providers.ts. */
  readonly mailboxes: boolean;
  /** How its blocks are known, and since when. */
  readonly source: string;
  readonly date: string;
  /**
   * Domains whose names lead to the provider's own servers and to nothing else. Never one in which customers have names:
   * those of a hoster's machines are anybody's.
   */
  readonly domains: readonly string[];
  /** Where to look for its senders (SPF) and exchangers (MX): `npm run providers`. */
  readonly spf: readonly string[];
  readonly mx: readonly string[];
  /** Written by hand, kept for ever. */
  readonly blocks: readonly string[];
  /** What the records said; written anew each time they are read. */
  readonly found: readonly string[];
}

/** The whole of providers.json. */
export interface ProviderList {
  readonly date: string;
  readonly source: string;
  readonly providers: readonly ProviderSource[];
}

interface Block {
  readonly prefix: Prefix;
  readonly provider: number;
}

/** Packs the list as the table that providers.ts opens. Throws where an entry cannot be what it should be. */
export function packProviders({ date, source, providers }: ProviderList): Uint8Array {
  const bytes: number[] = [];
  const push = (value: number, size: number) => {
    for (let at = 0; at < size; at++) bytes.push(Math.floor(value / 256 ** at) % 256);
  };
  const text = (value: string) => {
    if (!/^[\x20-\x7e]{1,255}$/.test(value)) throw new Error(`no short ASCII text: ${value}`);
    bytes.push(value.length, ...[...value].map((sign) => sign.charCodeAt(0)));
  };
  text(`${source}, ${date}`);
  push(checkedNames(providers), 1);
  for (const { name, mailboxes, domains } of providers) {
    text(name);
    push(mailboxes ? 1 : 0, 1);
    push(domains.length, 1);
    for (const domain of domains) text(domain);
  }
  const blocks = blocksOf(providers);
  for (const family of [4, 6] as const) {
    const own = blocks.filter(({ prefix }) => prefix.family === family);
    push(own.length, 2);
    for (const { prefix, provider } of own) {
      if (family === 4) push(Number(prefix.value), 4);
      else {
        push(Number(prefix.value >> 96n), 4);
        push(Number((prefix.value >> 80n) & 0xffffn), 2);
      }
      push(prefix.length, 1);
      push(provider, 1);
    }
  }
  return Uint8Array.from(bytes);
}

function checkedNames(providers: readonly ProviderSource[]): number {
  const names = new Set(providers.map(({ name }) => name));
  const isSound = [...names].every((name) => /^[a-z0-9_]{1,15}$/.test(name));
  if (!isSound || names.size !== providers.length || names.size > 255)
    throw new Error('bad or repeated names');
  return names.size;
}

/** All blocks, ascending; one inside another of the same provider is left out. */
function blocksOf(providers: readonly ProviderSource[]): Block[] {
  const all = providers.flatMap(({ blocks, found }, provider) =>
    [...blocks, ...found].map((text) => ({ prefix: parseBlock(text), provider })),
  );
  all.sort((a, b) => Number(a.prefix.value - b.prefix.value) || a.prefix.length - b.prefix.length);
  const kept: Block[] = [];
  const last: { 4?: Block; 6?: Block } = {};
  for (const block of all) {
    const { prefix, provider } = block;
    const before = last[prefix.family];
    if (before && contains(before.prefix, prefix)) {
      if (before.provider === provider) continue;
      const [one, other] = [before, block].map((each) => providers[each.provider]?.name);
      throw new Error(`${formatPrefix(prefix)} is claimed by ${one} and ${other}`);
    }
    last[prefix.family] = block;
    kept.push(block);
  }
  return kept;
}

function parseBlock(text: string): Prefix {
  const prefix = parsePrefix(text);
  const isPlain = prefix !== undefined && formatPrefix(prefix) === text && prefix.length > 0;
  if (!isPlain || (prefix.family === 6 && prefix.length > 48)) throw new Error(`no block: ${text}`);
  return prefix;
}
