import { expect, test } from 'vitest';
import { groupOf } from '../detection/provider-data.ts';
import { chanceOf } from './chance.ts';
import { apple, google, ionos, microsoft, relayAddresses, serverOf, stranger, yahoo } from './servers.ts';

const tries = Array.from({ length: 500 });

test.each(Object.entries({ google, microsoft, yahoo, apple, ionos }))(
  "the addresses written down for %s are those of the guard's own table",
  (name, provider) => {
    const chance = chanceOf(name);
    for (const use of ['exchangers', 'submission'] as const) {
      for (const _ of tries) expect(groupOf(serverOf(chance, provider, use)).provider).toBe(name);
    }
  },
);

test('a stranger is hardly ever at a provider, and rarely a neighbour', () => {
  const chance = chanceOf('strangers');
  const groups = Array.from({ length: 2083 }, () => groupOf(stranger(chance)));
  expect(groups.filter(({ mailboxes }) => mailboxes).length / groups.length).toBeLessThan(0.02);
  expect(new Set(groups.map(({ id }) => id)).size).toBeGreaterThan(1400);
});

test('a relay of twelve addresses lies in one /16, or in as many as asked', () => {
  const chance = chanceOf('relay');
  const groups = (networks: number) =>
    new Set(relayAddresses(chance, 12, networks).map((one) => groupOf(one).id));
  expect(groups(1).size).toBe(1);
  expect(groups(3).size).toBe(3);
});
