import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tooMany } from '../../daemon/enforcement/checked.ts';
import { type Applied, plan } from '../../daemon/enforcement/plan.ts';
import { KernelModel } from './kernel-model.ts';
import { keyOf, known, ruleset } from './rulesets.ts';
import { desiredAt, step } from './steps.ts';

describe.each([false, true])('a plan, where the kernel moves ends of elements: %s', (movesEnds) => {
  test('leads from whatever there is to what is desired, in transactions that the kernel takes', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        const kernel = new KernelModel(movesEnds);
        let applied: Applied | undefined;
        let nowMs = 1000;
        for (const change of steps) {
          nowMs += change.afterMs;
          const desired = desiredAt(change, nowMs);
          const { commands, next } = plan(change.isForgotten ? undefined : applied, desired, nowMs);
          kernel.run(commands, nowMs);
          applied = next;
          // From nothing, the same desired ruleset gives the same elements.
          const fresh = new KernelModel(false);
          fresh.run(plan(undefined, desired, nowMs).commands, nowMs);
          const wanted = fresh.present(nowMs);
          const present = kernel.present(nowMs);
          for (const [set, elements] of wanted) {
            for (const [key, end] of elements) {
              const real = present.get(set)?.get(key);
              expect(real, `${set} ${key}`).toBeDefined();
              if (real !== end) expect(Math.abs((real ?? 0) - end)).toBeLessThanOrEqual(3000);
            }
          }
          // What is there beyond it leaves by itself within two seconds.
          for (const [set, elements] of present) {
            for (const [key, end] of elements) {
              if (!wanted.get(set)?.has(key)) expect(end - nowMs, `${set} ${key}`).toBeLessThanOrEqual(2000);
            }
          }
          expect([...kernel.sets.keys()].sort()).toEqual([...fresh.sets.keys()].sort());
          expect([...kernel.chains].sort()).toEqual([...fresh.chains].sort());
          expect(plan(applied, desired, nowMs).commands).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });
});

test('a new ban is one command of one element, that nft understands without reading the table', () => {
  const base = ruleset({ known: [known('02:00:00:00:00:01')] });
  const { next } = plan(undefined, base, 0);
  const key = keyOf('02:00:00:00:00:01');
  const { commands, isStructural } = plan(next, { ...base, blocked: [{ key, endMs: 3_600_000 }] }, 0);
  const elem = [{ elem: { val: '02:00:00:00:00:01', timeout: 3600 } }];
  const set = { type: 'ether_addr', size: 512, flags: ['timeout'], stmt: [{ counter: null }], elem };
  expect(commands).toEqual([
    { add: { set: { family: 'inet', table: 'postern', name: 'blocked_mac', ...set } } },
  ]);
  expect(isStructural).toBe(false);
});

test('a ban whose time is up costs no transaction, and one that comes back at that moment is renewed', () => {
  const key = keyOf('02:00:00:00:00:01');
  const first = plan(undefined, ruleset({ blocked: [{ key, endMs: 1000 }], known: [known(key)] }), 0);
  const over = plan(first.next, ruleset({ known: [known(key)] }), 1000);
  expect(over.commands).toEqual([]);
  const again = plan(over.next, ruleset({ blocked: [{ key, endMs: 9000 }], known: [known(key)] }), 1500);
  expect(again.commands.map((command) => Object.keys(command)[0])).toEqual(['add', 'delete', 'add']);
  const later = plan(over.next, ruleset({ blocked: [{ key, endMs: 9000 }], known: [known(key)] }), 3100);
  expect(later.commands.map((command) => Object.keys(command)[0])).toEqual(['add']);
});

test('a ban that is given again just after its end, to end soon, is put in again', () => {
  const key = keyOf('02:00:00:00:00:01');
  const held = (endMs: number) => ruleset({ blocked: [{ key, endMs }], known: [known(key)] });
  const { next } = plan(undefined, held(1000), 0);
  expect(plan(next, held(2000), 900).commands).toEqual([]);
  expect(plan(next, held(2000), 1000).commands).toHaveLength(3);
});

test('a prefix whose time is up is taken out, since another may lie inside it', () => {
  const key = keyOf('02:00:00:00:00:01');
  const relay = (prefix: string, endMs: number) =>
    ruleset({ relays: [{ key, port: 25, to: { prefix }, endMs }], known: [known(key)] });
  const { next } = plan(undefined, relay('10.0.0.0/8', 1000), 0);
  const { commands } = plan(next, relay('10.1.0.0/16', 9000), 1500);
  expect(commands.map((command) => Object.keys(command)[0])).toEqual(['add', 'delete', 'add']);
});

test('what is above a bound is left out from the end, and said', () => {
  const blocked = Array.from({ length: 600 }, (_, i) => ({ key: keyOf(`10.1.${i >> 8}.${i & 255}`) }));
  const { next, omitted } = plan(undefined, ruleset({ blocked }), 0);
  expect([...(next.contents.get('blocked_ip4')?.keys() ?? [])].at(-1)).toBe('10.1.1.255');
  expect(tooMany(omitted)).toContain('blocked_ip4');
  expect(tooMany([...omitted, { why: 'bad-element', subject: 'x' }])).toEqual(tooMany(omitted));
});

test('held devices are known ones, with the class they have', () => {
  const key = keyOf('02:00:00:00:00:01');
  const { next } = plan(undefined, ruleset({ blocked: [{ key }], known: [{ key, budget: 'iot' }] }), 0);
  expect(next.contents.get('known_mac')?.size).toBe(1);
  expect(next.contents.has('commands_iot_mac')).toBe(true);
  expect(next.contents.has('commands_default_mac')).toBe(false);
});
