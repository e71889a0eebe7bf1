import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShortMap } from '../../daemon/conntrack/short-map.ts';

const op = fc.record({ put: fc.boolean(), key: fc.nat(14) });

test('property: it holds what a Map would, in its order, however long it gets', () => {
  fc.assert(
    fc.property(fc.array(op, { maxLength: 120 }), (ops) => {
      const model = new Map<number, number>();
      const map = new ShortMap<number, number>();
      for (const [value, { put, key }] of ops.entries()) {
        if (put) {
          model.set(key, value);
          map.set(key, value);
        } else {
          model.delete(key);
          map.delete(key);
        }
        expect(map.size).toBe(model.size);
        expect(map.firstKey()).toBe(model.keys().next().value);
        expect([map.get(key), map.has(key)]).toEqual([model.get(key), model.has(key)]);
      }
      expect([...map]).toEqual([...model]);
      expect([...map.keys()]).toEqual([...model.keys()]);
      expect([...map.values()]).toEqual([...model.values()]);
    }),
  );
});

test.each([3, 20])('of %i entries all are met, though each is taken out meanwhile', (length) => {
  for (const by of ['keys', 'pairs'] as const) {
    const map = new ShortMap<number, string>();
    for (let key = 0; key < length; key++) map.set(key, String(key));
    const met: number[] = [];
    for (const one of by === 'keys' ? map.keys() : map) {
      const key = typeof one === 'number' ? one : one[0];
      met.push(key);
      map.delete(key);
    }
    expect(met).toEqual(Array.from({ length }, (_, key) => key));
    expect(map.size).toBe(0);
  }
});
