import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nextHops } from '../../daemon/identity/next-hops.ts';

test('the routes of Linux 6.18: every next hop, and nothing of routes that have none', () => {
  const text = readFileSync(new URL('../fixtures/linux-6.18/route.txt', import.meta.url), 'utf8');
  expect([...nextHops(text, 'LE')].filter((hop) => hop !== '0.0.0.0')).toEqual([
    '192.168.7.77',
    '192.168.7.79',
  ]);
});

test('a processor of the other byte order writes the number the other way round', () => {
  expect([...nextHops('br-lan\t0A140000\tC0A8074D\t0003\t0\n', 'BE')]).toEqual(['192.168.7.77']);
});

test('what is no row of the table has none', () => {
  expect([...nextHops('Iface\tDestination\tGateway\tFlags\nbr-lan\t1\t2\t3\n', 'LE')]).toEqual([]);
});
