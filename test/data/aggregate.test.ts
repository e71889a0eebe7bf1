import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contains, formatPrefix, parsePrefix, prefixOf } from '../../daemon/address/prefix.ts';
import { aggregate } from './aggregate.ts';

const parse = (text: string) => parsePrefix(text) ?? { family: 4 as const, value: 0n, length: 0 };
const aggregated = (...texts: string[]) => aggregate(texts.map(parse)).map(formatPrefix);

test('halves become a whole, again and again; neighbours that are no halves do not', () => {
  expect(aggregated('192.0.2.2/31', '192.0.2.0', '192.0.2.1', '192.0.2.4/30')).toEqual(['192.0.2.0/29']);
  expect(aggregated('192.0.2.1', '192.0.2.2')).toEqual(['192.0.2.1', '192.0.2.2']);
  expect(aggregated('2001:db8:1::/48', '10.0.0.0/8', '10.1.0.0/16', '2001:db8::/48')).toEqual([
    '10.0.0.0/8',
    '2001:db8::/47',
  ]);
});

test('it holds the same addresses, and nothing twice', () => {
  const prefix = fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 24, max: 32 }))
    .map(([last, length]) => parse(`192.0.2.${last}/${length}`));
  fc.assert(
    fc.property(fc.array(prefix, { maxLength: 12 }), (prefixes) => {
      const result = aggregate(prefixes);
      for (let last = 0; last < 256; last++) {
        const ip = prefixOf(parse(`192.0.2.${last}`), 32);
        const holds = result.filter((one) => contains(one, ip)).length;
        expect(holds).toBe(prefixes.some((one) => contains(one, ip)) ? 1 : 0);
      }
      expect(aggregate(result)).toEqual(result);
    }),
  );
});
