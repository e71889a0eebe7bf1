import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxDoors } from '../../daemon/doors/door.ts';
import { type DoorSources, findDoors } from '../../daemon/doors/find-doors.ts';
import { parseLeases } from '../../daemon/doors/leases.ts';
import { mapsAsked, readRuleset } from '../../daemon/doors/ruleset.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/nft-1.0.6/${name}.json`, import.meta.url), 'utf8');
const [rules = '', map = '', links = ''] = ['doors', 'doors-map', 'doors-links'].map(fixture);
const leases = parseLeases('TCP:4000:192.168.1.20:4001:1767225600:Cam\u0007<b>era</b>\nnonsense\n');
const sourcesOf = (...texts: readonly string[]): DoorSources => ({
  ruleset: readRuleset(texts),
  inside: new Set(['br-lan']),
  leases,
});

/** The listing with those rules alone of the kinds that lead inside whose chain and text fit. */
function only(chain: string, text = ''): DoorSources {
  const { nftables } = JSON.parse(rules) as { nftables: readonly { rule?: { chain: string } }[] };
  const kept = nftables.filter(({ rule }) => {
    const json = JSON.stringify(rule ?? '');
    const leads = json.includes('"dnat":{') || json.includes('ip6');
    return !rule || !leads || (rule.chain === chain && json.includes(text));
  });
  return sourcesOf(JSON.stringify({ nftables: kept }), map, links);
}

const spoken = (from: DoorSources, ...addresses: readonly string[]) =>
  findDoors(from, addresses).doors.map(({ kind, protocol, ports, address, port, name }) =>
    [kind, `${ports}/${protocol}`, address, port, name].filter((part) => part !== undefined).join(' | '),
  );

const camera = '192.168.1.20';

test.each([
  [
    'a redirect of both protocols, once',
    'Web cam',
    ['port forward | 8080/tcp, udp | 192.168.1.20 | 80 | Web cam'],
  ],
  ['a range without a name', '5000', ['port forward | 5000-5010/tcp | 192.168.1.20']],
  [
    'a list of ports and a hostile name',
    '8443',
    ['port forward | 81, 443/tcp | 192.168.1.20 | 8443 | btwob'],
  ],
  ['for some senders only', 'ssh', ['port forward | 22/tcp | 192.168.1.20 | ssh']],
  ['an anonymous map', '7101', ['port forward | 7101/any | 192.168.1.20 | 81']],
  ['a named map', '@ports_to', ['port forward | 7001/any | 192.168.1.20 | 71']],
  ['a prefix for a prefix', 'netmap', ['port forward | all/any | 192.168.1.20']],
  ['redirect, which stays at the router', '"redirect":{', []],
] as const)('firewall4: %s', (_, text, doors) => {
  expect(spoken(only('dstnat_wan', text), camera)).toEqual(doors);
});

test('a range of hosts, a host for everything, and IPv6', () => {
  const range = only('dstnat_wan', 'range":["192.168.1.40');
  expect(spoken(range, '192.168.1.45')).toEqual(['port forward | 3000/tcp | 192.168.1.45 | 3000-3010']);
  expect(spoken(range, '192.168.1.50')).toEqual([]);
  expect(spoken(only('dstnat_wan', 'DMZ'), '192.168.1.30')).toEqual([
    'port forward | all/any | 192.168.1.30 | DMZ',
  ]);
  expect(spoken(only('dstnat_wan', 'fd00::20'), 'fd00::20', camera)).toEqual([
    'port forward | 7201/any | fd00::20',
    'port forward | 8080/tcp | fd00::20 | 80 | six',
  ]);
});

test('miniupnpd: the name of its leases file, cleaned', () => {
  expect(spoken(only('upnp_prerouting'), camera)).toEqual([
    'UPnP | 4000/tcp | 192.168.1.20 | 4001 | Camberab',
    'UPnP | 4100/udp | 192.168.1.20',
  ]);
  expect(spoken(only('upnp_forward'), '2001:db8::20')).toEqual(['UPnP | 4400/tcp | 2001:db8::20']);
});

test('tables of others, and a chain that a verdict map leads to', () => {
  expect(spoken(only('PREROUTING'), camera)).toEqual(['port forward | 2222/tcp | 192.168.1.20 | 22']);
  expect(spoken(only('by_link'), camera)).toEqual([
    'port forward | 6001/tcp | 192.168.1.20 | 61 | by a link',
  ]);
});

test('what only the home itself can use is no door, nor is a chain that nothing leads to', () => {
  expect(spoken(only('dstnat_lan'), camera)).toEqual([]);
  expect(spoken(only('orphan'), camera)).toEqual([]);
});

test('rules that let IPv6 in: by address, list, prefix and host part; not what refuses, nor what names nobody', () => {
  const from = only('forward_wan');
  expect(spoken(from, '2001:db8::20')).toEqual([
    'firewall rule | 8443/tcp | 2001:db8::20 | Cam6',
    'firewall rule | 9000/udp | 2001:db8::20 | suffix',
    'firewall rule | 5/tcp | 2001:db8::20',
  ]);
  expect(spoken(from, '2001:db8:1::7')).toEqual(['firewall rule | 6/tcp | 2001:db8:1::7']);
  expect(spoken(from, '2001:db8:2::7', camera)).toEqual([]);
});

test('the whole listing is bounded and counted, and the maps that it needs are named', () => {
  expect(findDoors(sourcesOf(rules.slice(0, -9), ''), [camera])).toEqual({ doors: [], omitted: 0 });
  const found = findDoors(sourcesOf(rules, map, links), [camera, 'fd00::20', '2001:db8::20']);
  expect(found.doors.length).toBe(maxDoors);
  expect(found.omitted).toBe(9);
  expect(mapsAsked(readRuleset([rules]))).toEqual([
    ['inet', 'fw4', 'links'],
    ['inet', 'fw4', 'ports_to'],
  ]);
});

test('nothing that a listing may hold makes it throw, and a name is always clean', () => {
  const seen = JSON.parse(rules) as { nftables: readonly unknown[] };
  const words = fc.constantFrom(
    ...[
      'rule',
      'chain',
      'map',
      'expr',
      'match',
      'left',
      'right',
      'payload',
      'meta',
      'dnat',
      'addr',
      'port',
      'set',
    ],
    ...[
      'range',
      'prefix',
      'concat',
      'elem',
      'val',
      'vmap',
      'data',
      'key',
      'jump',
      'target',
      'hook',
      'prerouting',
    ],
    ...['forward', 'accept', '@x', 'len', '::/0', '192.168.1.20', 'inet', '__proto__', '&', 'comment'],
  );
  const leaf = fc.oneof(words, fc.integer(), fc.double(), fc.constant(null), fc.string());
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 8 },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(words, tie('tree'), { maxKeys: 4 }),
    ),
  }));
  // Real rules with a part put in place of any other.
  const torn = fc.tuple(fc.nat(2000), tree).map(([at, part]) => {
    let count = 0;
    const text = JSON.stringify(seen, (_, value: unknown) => (++count === at ? part : value));
    return text ?? '';
  });
  fc.assert(
    fc.property(
      fc.oneof(
        torn,
        fc.json(),
        tree.map((value) => JSON.stringify({ nftables: value }) ?? ''),
      ),
      (text) => {
        const { doors } = findDoors(sourcesOf(text, map, links), [camera, '2001:db8::20', 'no address']);
        expect(doors.length).toBeLessThanOrEqual(maxDoors);
        for (const { name = 'a', ports, protocol } of doors) {
          expect(name).toMatch(/^[A-Za-z0-9\u00c0-\u017f][A-Za-z0-9\u00c0-\u017f ._-]{0,39}$/);
          expect(`${ports} ${protocol}`).toMatch(/^[a-z0-9 ,.-]{1,300}$/);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
