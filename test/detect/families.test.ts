import { expect, test } from 'vitest';
import { parseIp } from '../../daemon/address/ip.ts';
import { messagesOf, outcomeOf } from '../../daemon/detection/outcome.ts';
import { chanceOf } from './chance.ts';
import { families } from './families.ts';
import { dayS, startS } from './family.ts';
import { badLogin, delivery, turnedAway } from './session.ts';
import { makeDevice, partOf } from './trial.ts';

test.each(families)('$name: every flow is one that a router can see', (family) => {
  for (const index of [0, 1, 2, 3]) {
    const { flows } = makeDevice(family, index);
    expect(flows.length).toBeGreaterThan(0);
    expect(flows).toEqual(flows.toSorted((a, b) => a.tsS - b.tsS));
    for (const flow of flows) {
      expect(parseIp(flow.dst), flow.dst).toBeDefined();
      expect(parseIp(flow.src)).toBeDefined();
      expect(flow.tsS).toBeGreaterThanOrEqual(startS);
      expect(flow.tsS).toBeLessThan(startS + (family.days + 1) * dayS);
      expect(flow.durationS).toBeGreaterThanOrEqual(0);
      if (flow.messages > 0) expect(flow.state).toBe('established');
    }
  }
});

test.each(families)('$name: a device is always the same, and no other', (family) => {
  expect(makeDevice(family, 5)).toEqual(makeDevice(family, 5));
  expect(makeDevice(family, 5)).not.toEqual(makeDevice(family, 6));
});

test('names are keys of figures, each once', () => {
  const names = families.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z0-9_]+$/);
});

test('the ordinary devices make 1,650 device-months and more, half of them kept out of tuning', () => {
  const ordinary = families.filter(({ kind }) => kind === 'ordinary');
  for (const { days } of ordinary) expect(days).toBe(30);
  const months = ordinary.reduce((sum, { devices }) => sum + devices, 0);
  expect(months).toBeGreaterThanOrEqual(1650);
  for (const family of families) {
    const indices = Array.from({ length: family.devices }, (_, index) => index);
    const tuned = indices.filter((index) => partOf(family, index) === 'tuning');
    expect(tuned.length).toBe(family.keptBack ? 0 : family.devices / 2);
  }
});

test('what the sessions say of themselves is what the guard makes of them, nearly always', () => {
  const chance = chanceOf('sessions');
  const share = (hits: boolean[]) => hits.filter(Boolean).length / hits.length;
  const seen = (session: ReturnType<typeof turnedAway>) => {
    if (!session.out || !session.back) throw new Error('no counters');
    return { out: session.out, back: session.back, established: true };
  };
  const tries = Array.from({ length: 2000 }, () => chance.whole(1_000, 60_000));
  const outcomes = (make: (bytes: number) => ReturnType<typeof turnedAway>) =>
    tries.map((bytes) => outcomeOf(seen(make(bytes))));
  const isShort = (outcome: string) => outcome === 'short';
  expect(share(outcomes(() => turnedAway(chance)).map(isShort))).toBeGreaterThan(0.95);
  expect(share(outcomes(() => badLogin(chance)).map(isShort))).toBeGreaterThan(0.9);
  for (const login of [true, false]) {
    const load = (bytes: number) => ({ messages: 1, bytes, login });
    const one = tries.map((bytes) => messagesOf(seen(delivery(chance, load(bytes)))));
    expect(share(one.map((messages) => messages === 1))).toBeGreaterThan(0.9);
  }
});
