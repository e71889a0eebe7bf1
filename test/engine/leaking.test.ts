import { describe, expect, test } from 'vitest';
import type { LeakCause } from '../../daemon/enforcement/verify.ts';
import { keyOf, tv, type World, world } from './world.ts';

const moving = [{ src: tv.address, sport: 40_001, dst: '203.0.113.25', dport: 25 as const }];

/** How often the device was asked to be looked at. */
const looks = ({ effects }: World) => effects.filter(({ type }) => type === 'verify').length;

const texts = ({ effects }: World, wanted: string) =>
  effects.flatMap((effect) =>
    effect.type === 'event' && effect.document.type === wanted ? [effect.document.text] : [],
  );

function blocked(): World {
  const home = world();
  home.ask('block', { device: tv.address });
  return home;
}

const leak = (home: World, why?: LeakCause) =>
  home.give({ type: 'verified', device: keyOf(tv), moving, ended: 1, ...(why && { why }) });
const rest = (home: World) => home.give({ type: 'verified', device: keyOf(tv), moving: [], ended: 0 });

describe('what still moves after a hold', () => {
  test('is told once with its cause, looked at again, and told once when it rests', () => {
    const home = blocked();
    expect(looks(home)).toBe(1);
    leak(home, { cause: 'mac', address: tv.address, mac: 'a4:c3:f0:00:00:09' });
    expect(texts(home, 'leaking')).toEqual([
      expect.stringMatching(
        /Some mail of .* still moves\. 1 connection still carries data: 192\.168\.1\.21 now has the MAC a4:c3:f0:00:00:09\./,
      ),
    ]);
    for (const already of [1, 2, 3]) {
      expect(looks(home)).toBe(already);
      home.pass(3_000);
      expect(looks(home)).toBe(already + 1);
      expect(home.effects.findLast(({ type }) => type === 'verify')).toMatchObject({ again: true });
      leak(home);
    }
    home.pass(3_000);
    rest(home);
    home.pass(60_000);
    expect(home.events().filter((type) => ['leaking', 'verified'].includes(type))).toEqual([
      'leaking',
      'verified',
    ]);
    expect(looks(home)).toBe(5);
  });

  test('is cut at its server’s side too, unless its address has another MAC', () => {
    const home = blocked();
    leak(home, { cause: 'mac', address: tv.address, mac: 'a4:c3:f0:00:00:09' });
    // It may be somebody else's by now.
    expect(home.ruleset()?.cuts).toEqual([]);
    leak(home, { cause: 'offload' });
    expect(home.ruleset()?.cuts).toEqual([expect.objectContaining(moving[0] ?? {})]);
  });

  test('is looked at less often the longer it goes on, and no more once the hold ends', () => {
    const home = blocked();
    const count = (ms: number) => {
      const before = looks(home);
      for (let passed = 0; passed < ms; passed += 1_000) {
        const asked = looks(home);
        home.pass(1_000);
        if (looks(home) > asked) leak(home);
      }
      return looks(home) - before;
    };
    leak(home);
    expect(count(60_000)).toBeGreaterThan(9);
    home.refresh();
    const inAnHour = count(3_600_000);
    expect(inAnHour).toBeGreaterThan(20);
    expect(inAnHour).toBeLessThan(60);
    home.ask('release', { device: tv.address, for: '1h' });
    expect(count(600_000)).toBe(0);
    expect(texts(home, 'leaking')).toHaveLength(1);
  });

  test.each([
    [{ cause: 'offload' }, 'flow offloading'],
    [{ cause: 'path' }, 'another way'],
    [{ cause: 'rules' }, 'these pass'],
    [undefined, 'not known'],
  ] as const)('has its cause in words: %j', (why, words) => {
    const home = blocked();
    leak(home, why);
    expect(texts(home, 'leaking')).toEqual([expect.stringContaining(words)]);
  });
});

describe('while the table could not be applied', () => {
  test('nothing is called verified, until it is in force and was looked at again', () => {
    const home = blocked();
    home.give({ type: 'applied', ok: false, error: 'no nft' });
    rest(home);
    expect(home.events()).not.toContain('verified');
    home.give({ type: 'applied', ok: true });
    expect(home.events()).not.toContain('verified');
    home.pass(3_000);
    expect(looks(home)).toBe(2);
    rest(home);
    expect(home.events()).toContain('verified');
  });

  test('what had to be ended one by one is told as moving', () => {
    const home = blocked();
    home.give({ type: 'applied', ok: false, error: 'no nft' });
    home.give({ type: 'verified', device: keyOf(tv), moving: [], ended: 2 });
    expect(texts(home, 'leaking')).toEqual([expect.stringContaining('2 connections still carry data')]);
  });

  test('that is the cause of what moves', () => {
    const home = blocked();
    home.give({ type: 'applied', ok: false, error: 'no nft' });
    leak(home, { cause: 'path' });
    expect(texts(home, 'leaking')).toEqual([expect.stringContaining('could not be applied')]);
  });
});
