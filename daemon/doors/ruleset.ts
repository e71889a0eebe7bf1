import { bare, listOf, member, textOf, valuesOf } from './json.ts';
import { type Matches, matchesOf } from './matches.ts';

/** One rule of the live ruleset. */
export interface Rule {
  readonly family: string;
  readonly chain: string;
  readonly comment: string;
  readonly expressions: readonly unknown[];
  readonly matches: Matches;
  /** Where packets go on from it, as ids of chains; of a verdict map with the key. */
  readonly jumps: readonly Jump[];
  readonly accepts: boolean;
}

interface Jump {
  readonly to: string;
  /** The interface, where a verdict map asks for it. */
  readonly by?: string;
}

/** What was read of a listing: rules by chain. The size of the listing bounds it. */
export interface Ruleset {
  readonly rules: ReadonlyMap<string, readonly Rule[]>;
  /** Hook of each base chain. */
  readonly hooks: ReadonlyMap<string, string>;
  /** Elements of named maps, where they were listed. */
  readonly maps: ReadonlyMap<string, readonly unknown[]>;
}

/** A chain or map in all tables. */
export const idOf = (value: unknown, name: string) =>
  `${textOf(value, 'family')} ${textOf(value, 'table')} ${name}`;

/** Reads listings of nft (`nft -j list ...`), one or several; what it does not know is left out. Never throws. */
export function readRuleset(texts: readonly string[]): Ruleset {
  const rules = new Map<string, Rule[]>();
  const hooks = new Map<string, string>();
  const maps = new Map<string, readonly unknown[]>();
  const objects = texts.flatMap((text) => listOf(member(parsed(text), 'nftables')));
  for (const object of objects) {
    const map = member(object, 'map');
    const chain = member(object, 'chain');
    if (map !== undefined && member(map, 'elem') !== undefined)
      maps.set(idOf(map, textOf(map, 'name')), listOf(member(map, 'elem')));
    if (textOf(chain, 'hook') !== '') hooks.set(idOf(chain, textOf(chain, 'name')), textOf(chain, 'hook'));
  }
  for (const object of objects) {
    const rule = member(object, 'rule');
    // Our own table lets nobody in.
    if (rule === undefined || textOf(rule, 'table') === 'postern') continue;
    const id = idOf(rule, textOf(rule, 'chain'));
    const before = rules.get(id);
    const read = ruleOf(rule, maps);
    if (before) before.push(read);
    else rules.set(id, [read]);
  }
  return { rules, hooks, maps };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function ruleOf(rule: unknown, maps: Ruleset['maps']): Rule {
  const expressions = listOf(member(rule, 'expr'));
  const verdicts = expressions.flatMap((one): readonly (readonly [unknown, unknown])[] => {
    const vmap = member(one, 'vmap');
    if (vmap === undefined) return [[undefined, one]];
    const isLink = /^iif(name)?$/.test(textOf(member(member(vmap, 'key'), 'meta'), 'key'));
    return pairsOf(member(vmap, 'data'), rule, maps).map(([key, to]) => [isLink ? key : undefined, to]);
  });
  const jumps = verdicts.flatMap(([key, verdict]): readonly Jump[] => {
    const target = textOf(member(verdict, 'jump') ?? member(verdict, 'goto'), 'target');
    if (target === '') return [];
    return [{ to: idOf(rule, target), ...(typeof key === 'string' && { by: key }) }];
  });
  return {
    family: textOf(rule, 'family'),
    chain: textOf(rule, 'chain'),
    comment: textOf(rule, 'comment'),
    expressions,
    matches: matchesOf(expressions),
    jumps,
    // Of a verdict map "established" and the like are accepted, which is nobody's way in.
    accepts: expressions.some((one) => member(one, 'accept') !== undefined),
  };
}

/** Keys and values of a map: an anonymous one, or a named one that was listed. `owner` is whose table a name is in. */
export function pairsOf(
  data: unknown,
  owner: unknown,
  maps: Ruleset['maps'],
): readonly (readonly [unknown, unknown])[] {
  const isNamed = typeof data === 'string' && data.startsWith('@');
  const items = isNamed ? (maps.get(idOf(owner, data.slice(1))) ?? []) : valuesOf(data);
  return items.map((item) => {
    const [key, value] = listOf(item);
    return [bare(key), bare(value)] as const;
  });
}

/** Chains that a packet from outside may come to, from base chains with the hook on. `inside`: interfaces of the home. */
export function chainsFrom(ruleset: Ruleset, hook: string, inside: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set([...ruleset.hooks].flatMap(([id, own]) => (own === hook ? [id] : [])));
  // What is added meanwhile is visited too: each chain once.
  for (const id of found) {
    for (const { matches, jumps } of ruleset.rules.get(id) ?? []) {
      if (isInside(matches, inside)) continue;
      for (const { to, by } of jumps) if (by === undefined || !inside.has(by)) found.add(to);
    }
  }
  return found;
}

/** Whether only packets from the home itself fit. */
export function isInside({ interfaces }: Matches, inside: ReadonlySet<string>): boolean {
  return interfaces !== undefined && interfaces.length > 0 && interfaces.every((name) => inside.has(name));
}

/** Chains in which something is let through. */
export function acceptingChains({ rules }: Ruleset): ReadonlySet<string> {
  const from = new Map<string, string[]>();
  const found = new Set<string>();
  for (const [id, own] of rules) {
    for (const { accepts, jumps } of own) {
      if (accepts) found.add(id);
      for (const { to } of jumps) {
        const before = from.get(to);
        if (before) before.push(id);
        else from.set(to, [id]);
      }
    }
  }
  for (const id of found) for (const before of from.get(id) ?? []) found.add(before);
  return found;
}

/** Named maps by which rules send packets on: family, table and name of each, once. */
export function mapsAsked({ rules }: Ruleset): readonly (readonly string[])[] {
  const asked = new Set<string>();
  for (const [id, own] of rules) {
    const table = id.slice(0, id.lastIndexOf(' ') + 1);
    for (const expression of own.flatMap(({ expressions }) => expressions)) {
      const byAddress = member(member(member(expression, 'dnat'), 'addr'), 'map');
      const data = textOf(byAddress ?? member(expression, 'vmap'), 'data');
      if (data.startsWith('@')) asked.add(table + data.slice(1));
    }
  }
  return [...asked].map((id) => id.split(' '));
}
