import { describe, expect, test } from 'vitest';
import {
  elementDrift,
  fingerprint,
  listedPrefixes,
  prefixDrift,
  setsToCheck,
  structureDrift,
} from '../../daemon/enforcement/drift.ts';
import type { ListedObject } from '../../daemon/enforcement/listing.ts';
import { listedTable, nftVersions } from './listings.ts';
import { keyOf } from './rulesets.ts';

const changed = (
  objects: ListedObject[],
  kind: string,
  change: (value: Record<string, unknown>) => unknown,
) => {
  let done = false;
  return objects.map((object) => {
    if (done || object.kind !== kind) return object;
    done = true;
    return { kind, value: { ...object.value, ...(change({ ...object.value }) as object) } };
  });
};

describe.each(nftVersions)('the fingerprint of a listing by nft %s', (version) => {
  const objects = listedTable(version);
  const then = fingerprint(objects);
  if (!then) throw new Error('no fingerprint');
  const drift = (now: ListedObject[]) => structureDrift(then, fingerprint(now));

  test('elements and their counters are no part of it', () => {
    expect(drift(objects.map((object) => ({ ...object, value: { ...object.value, elem: [] } })))).toEqual([]);
  });

  test('a missing table, other rules, sets, limits and chains are told apart', () => {
    expect(drift([])).toEqual([{ what: 'table-missing' }]);
    const rule = objects.find(({ kind }) => kind === 'rule');
    expect(drift(objects.filter((object) => object !== rule))).toEqual([
      { what: 'rules-changed', name: rule?.value['chain'] },
    ]);
    expect(drift(changed(objects, 'set', () => ({ size: 3 })))).toMatchObject([{ what: 'set-changed' }]);
    expect(drift(changed(objects, 'limit', () => ({ rate: 3 })))).toMatchObject([{ what: 'limit-changed' }]);
    expect(drift(changed(objects, 'chain', () => ({ name: 'x' })))).toHaveLength(2);
    // As `flags dormant` is listed, which takes all rules out of force and leaves each where it is.
    expect(drift(changed(objects, 'table', () => ({ flags: 'dormant' })))).toMatchObject([
      { what: 'table-changed' },
    ]);
  });

  test('the prefixes of a provider are told apart, and those of the others are not', () => {
    const set = (name: string, ...elem: string[]) => ({ kind: 'set', value: { name, elem } });
    const before = listedPrefixes([set('provider_a4', '192.0.2.1'), set('provider_b4'), set('blocked_mac')]);
    const now = listedPrefixes([set('provider_a4'), set('provider_b4'), set('blocked_mac', 'x')]);
    expect(prefixDrift(before, before)).toEqual([]);
    expect(prefixDrift(before, now)).toEqual([{ what: 'set-changed', name: 'provider_a4' }]);
  });

  test('the same rules with other handles were written again', () => {
    expect(drift(changed(objects, 'rule', () => ({ handle: 99_999 })))).toEqual([{ what: 'rewritten' }]);
  });
});

describe('elements', () => {
  const contents = (set: string, ...list: (readonly [string, number?])[]) =>
    new Map([
      [
        set,
        new Map(
          list.map(([part, endMs]) => [part, { parts: [part], ...(endMs !== undefined && { endMs }) }]),
        ),
      ],
    ]);
  const mac = '02:00:00:00:00:01';
  const drift = (believed: ReturnType<typeof contents>, listed: ReturnType<typeof contents>) =>
    elementDrift(believed, listed, ['blocked_mac'], 10_000);

  test('missing, added and moved ones are named with their device', () => {
    const key = keyOf(mac);
    const there = contents('blocked_mac', [mac, 60_000]);
    expect(drift(there, contents('blocked_mac'))).toEqual([
      { what: 'element-missing', set: 'blocked_mac', key },
    ]);
    expect(drift(contents('blocked_mac'), there)).toEqual([
      { what: 'element-added', set: 'blocked_mac', key },
    ]);
    expect(drift(there, contents('blocked_mac', [mac, 90_000]))).toHaveLength(1);
    expect(drift(there, contents('blocked_mac', [mac, 61_500]))).toEqual([]);
    expect(drift(there, contents('blocked_mac', [mac]))).toHaveLength(1);
  });

  test('those that end about now may be there or not', () => {
    const ending = contents('blocked_mac', [mac, 11_000]);
    expect(drift(ending, contents('blocked_mac'))).toEqual([]);
    expect(drift(contents('blocked_mac'), ending)).toEqual([]);
  });

  test('a check looks at the bans, and at the rest by turns', () => {
    const believed = contents('strict_ip4', ['10.0.0.1']);
    const all = ['known_mac', 'relays_mac4', 'slowed_mac'];
    const seen = [0, 1, 2].map((turn) => setsToCheck(believed, all, turn));
    for (const sets of seen)
      expect(sets.slice(0, 3)).toEqual(['blocked_mac', 'restricted_mac', 'strict_ip4']);
    expect(new Set(seen.flat())).toEqual(new Set(['blocked_mac', 'restricted_mac', 'strict_ip4', ...all]));
    expect(setsToCheck(believed, all, 0, 2)).toEqual(['blocked_mac', 'known_mac']);
  });
});
