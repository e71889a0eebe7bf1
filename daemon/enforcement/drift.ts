import { type DeviceKey, parseDeviceKey } from '../address/device-key.ts';
import type { Contents } from './elements.ts';
import type { ListedObject } from './listing.ts';
import { holds } from './sets.ts';
import type { Element } from './table.ts';

/** The table's declarations as one nft lists them: each set, chain, limit and each chain's rules, by kind and name. */
export interface Fingerprint {
  readonly objects: ReadonlyMap<string, string>;
  /** Handles of the rules: other ones on equal rules mean that somebody wrote them again (a reload of the script). */
  readonly handles: string;
}

/** One difference between the table and what we last wrote. */
export type Difference =
  | { readonly what: 'table-missing' | 'rewritten' }
  | {
      readonly what: 'table-changed' | 'chain-changed' | 'rules-changed' | 'set-changed' | 'limit-changed';
      readonly name: string;
    }
  | { readonly what: 'element-missing' | 'element-added'; readonly set: string; readonly key?: DeviceKey };

const volatile = new Set(['handle', 'elem', 'count', 'index']);
const changes = {
  table: 'table-changed',
  chain: 'chain-changed',
  rule: 'rules-changed',
  set: 'set-changed',
  map: 'set-changed',
  limit: 'limit-changed',
} as const;

/**
 * The canonical form of a terse listing of our table (`nft -j -t list table`). It is compared only with one that the
 * same nft made: what versions print differs, and so does what was written from what is listed.
 */
export function fingerprint(objects: readonly ListedObject[]): Fingerprint | undefined {
  if (!objects.some(({ kind }) => kind === 'table')) return undefined;
  const found = new Map<string, string>();
  const handles: unknown[] = [];
  for (const { kind, value } of objects) {
    if (!(kind in changes)) continue;
    const name = `${kind} ${String(value[kind === 'rule' ? 'chain' : 'name'])}`;
    if (kind === 'table') {
      // Ours has none, and 1.0.6 prints garbage for their names: the one called "dormant" takes all of it out of force.
      found.set(name, value['flags'] === undefined ? '' : 'flags');
      continue;
    }
    const text = JSON.stringify(value, (key, inner: unknown) => (volatile.has(key) ? undefined : inner));
    found.set(name, `${found.get(name) ?? ''}${text}\n`);
    if (kind === 'rule') handles.push(value['handle']);
  }
  return { objects: found, handles: handles.join(' ') };
}

/** What differs between two fingerprints by the same nft; `now` undefined: there is no table. */
export function structureDrift(then: Fingerprint, now: Fingerprint | undefined): Difference[] {
  if (!now) return [{ what: 'table-missing' }];
  const differences: Difference[] = [];
  for (const name of new Set([...then.objects.keys(), ...now.objects.keys()])) {
    if (then.objects.get(name) === now.objects.get(name)) continue;
    const [kind = '', own = ''] = name.split(' ');
    differences.push({ what: changes[kind as keyof typeof changes], name: own });
  }
  if (differences.length === 0 && then.handles !== now.handles) differences.push({ what: 'rewritten' });
  return differences;
}

/** The prefixes of providers, set by set, as one nft lists them: compared only with what the same nft listed before. */
export function listedPrefixes(objects: readonly ListedObject[]): ReadonlyMap<string, string> {
  const sets = objects.flatMap(({ kind, value: { name, elem } }) =>
    kind === 'set' && typeof name === 'string' && name.startsWith('provider_')
      ? [[name, JSON.stringify(elem ?? [])] as const]
      : [],
  );
  return new Map(sets);
}

/** The providers' sets that hold something else than they did. */
export function prefixDrift(
  then: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): Difference[] {
  return [...then].flatMap(([name, text]) =>
    now.get(name) === text ? [] : [{ what: 'set-changed' as const, name }],
  );
}

/** Elements that end within this of now may be there or not. */
const toleranceMs = 2500;

/**
 * Elements of the given sets that should be there and are not, or the other way round. An element whose end differs
 * counts as missing.
 */
export function elementDrift(
  believed: Contents,
  listed: Contents,
  sets: readonly string[],
  nowMs: number,
): Difference[] {
  const isEnding = ({ endMs }: Element) => endMs !== undefined && endMs < nowMs + toleranceMs;
  const differences: Difference[] = [];
  for (const set of sets) {
    const wanted = believed.get(set);
    const present = listed.get(set);
    for (const [key, element] of wanted ?? []) {
      const there = present?.get(key);
      if (isEnding(element) || (there && isSameEnd(element, there))) continue;
      differences.push({ what: 'element-missing', set, ...deviceOf(element) });
    }
    for (const [key, element] of present ?? []) {
      if (!wanted?.has(key) && !isEnding(element))
        differences.push({ what: 'element-added', set, ...deviceOf(element) });
    }
  }
  return differences;
}

function isSameEnd(one: Element, other: Element): boolean {
  if (one.endMs === undefined || other.endMs === undefined) return one.endMs === other.endMs;
  return Math.abs(one.endMs - other.endMs) < toleranceMs;
}

/** The device that an element is about, where it names one. */
function deviceOf({ parts }: Element): { key?: DeviceKey } {
  for (const part of parts) {
    const key = typeof part === 'string' ? parseDeviceKey(part) : undefined;
    if (key) return { key };
  }
  return {};
}

const always = ['blocked_mac', 'restricted_mac'] as const;
const isBan = new RegExp(`^(?:${holds.join('|')}|exempt)_`);

/**
 * Which sets one check lists, since nft lists one set a run: those that matter most, those where bans are believed to
 * be, and one of the rest by turns (`turn` counts checks). At most `most`, the first ones first.
 */
export function setsToCheck(believed: Contents, all: readonly string[], turn: number, most = 8): string[] {
  const held = [...believed.keys()].filter((name) => isBan.test(name));
  const byTurn = all.length > 0 ? all[turn % all.length] : undefined;
  const chosen = new Set([...always, ...held]);
  const list = [...chosen].slice(0, byTurn === undefined ? most : most - 1);
  return byTurn === undefined ? list : [...new Set([...list, byTurn])];
}
