import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseNeighbours } from '../../daemon/identity/parse-neighbours.ts';

const fixture = (path: string) => readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8');

const v4 = [
  ['192.168.7.81', 'ec:71:db:00:11:22', true],
  ['192.168.7.77', '00:11:32:aa:bb:cc', true],
  ['192.168.7.79', 'da:a1:19:00:00:01', true],
  ['192.168.7.78', '00:80:77:aa:bb:cc', false],
];
const v6 = [
  ['fd00:7::42', 'ec:71:db:00:11:22', true],
  ['fe80::ee71:dbff:fe00:1122', 'ec:71:db:00:11:22', true],
  ['fd00:7::78', '00:80:77:aa:bb:cc', false],
];

test.each([
  ['iproute2-6.1/neigh.txt', [...v4, ...v6]],
  ['iproute2-6.1/neigh-4.txt', v4],
  ['iproute2-6.1/neigh-6.txt', v6],
  ['iproute2-6.1/neigh-statistics.txt', [...v4, ...v6]],
  ['iproute2-6.1/neigh-nud-all.txt', [...v4, ...v6]],
  // It prints the MAC of the line before on the entry of tun0, which has none.
  ['busybox-1.35/neigh.txt', [...v4, ...v6]],
  ['busybox-1.35/neigh-6.txt', v6],
])('%s: everybody with a MAC, nobody else', (path, expected) => {
  const { rows, dropped } = parseNeighbours(fixture(path));
  expect(rows.map(({ address, mac, fresh }) => [address, mac, fresh])).toEqual(expected);
  expect(new Set(rows.map((row) => row.interface))).toEqual(new Set(['br-lan']));
  expect(dropped).toBe(0);
});

test.each([
  'nonsense',
  '192.168.7.300 dev br-lan lladdr ec:71:db:00:11:22 STALE',
  '192.168.7.2 lladdr ec:71:db:00:11:22 STALE',
  '192.168.7.2 dev a-name-far-too-long lladdr ec:71:db:00:11:22 STALE',
  '192.168.7.2 dev',
  `192.168.7.2 dev br-lan lladdr ec:71:db:00:11:22 ${'x'.repeat(600)}`,
])('dropped and counted: %s', (line) => {
  expect(parseNeighbours(`${line}\n`)).toEqual({ rows: [], dropped: 1 });
});

test('at most 4,096 lines are read', () => {
  const text = Array.from(
    { length: 5000 },
    (_, n) => `10.0.${n >> 8}.${n & 255} dev br-lan lladdr 02:00:00:00:00:01 STALE`,
  );
  const { rows, dropped } = parseNeighbours(text.join('\n'));
  expect([rows.length, dropped]).toEqual([4096, 904]);
});

test('it never throws, and finds a good line among any others', () => {
  const good = '192.168.7.81 dev br-lan lladdr ec:71:db:00:11:22 REACHABLE';
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), fc.array(fc.string()), (before, after) => {
      const text = [...before, good, ...after].join('\n');
      expect(parseNeighbours(text).rows.map(({ address }) => address)).toContain('192.168.7.81');
    }),
  );
});
