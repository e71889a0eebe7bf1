import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contains, formatPrefix, prefixOf } from '../../daemon/address/prefix.ts';
import { outermost } from '../../daemon/enforcement/outermost.ts';

const prefix = fc
  .tuple(
    fc.constantFrom(4 as const, 6 as const),
    fc.bigInt({ min: 0n, max: 15n }),
    fc.integer({ min: 0, max: 4 }),
  )
  .map(([family, value, length]) =>
    prefixOf({ family, value: value << (family === 4 ? 28n : 124n) }, length),
  );

test('keeps what no other contains, and everything stays contained', () => {
  fc.assert(
    fc.property(fc.array(prefix, { maxLength: 12 }), (list) => {
      const kept = outermost(list);
      expect(new Set(kept.map(formatPrefix)).size).toBe(kept.length);
      for (const one of kept) {
        for (const other of kept)
          if (one !== other) expect(contains(other, one) && other.length <= one.length).toBe(false);
      }
      for (const one of list)
        expect(kept.some((other) => contains(other, one) && other.length <= one.length)).toBe(true);
    }),
  );
});
