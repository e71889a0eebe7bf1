import fc from 'fast-check';
import { expect, test } from 'vitest';
import { usualPerDay } from '../../daemon/detection/habit.ts';
import { markDelivered } from '../../daemon/detection/known.ts';
import { noteHandshake, observe } from '../../daemon/detection/observe.ts';
import { dayMs, emptyProfile, hourMs, pardon, scoreAt } from '../../daemon/detection/profile.ts';
import { fromSnapshot, toSnapshot } from '../../daemon/detection/snapshot.ts';
import { countMessages } from '../../daemon/detection/volume.ts';
import { contactOf } from './trace.ts';

/** Reads back what was written, as a file would. */
const throughFile = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

function busy() {
  const profile = emptyProfile(0);
  observe(profile, contactOf('S 142.250.1.1'), 'unknown', 0);
  markDelivered(profile, 'google', 'S', 'unknown', 1000);
  observe(profile, contactOf('M 198.51.100.1'), 'unknown', hourMs);
  markDelivered(profile, '198.51.0.0/16', 'M', 'unknown', hourMs);
  noteHandshake(profile, hourMs);
  for (let n = 0; n < 30; n++) observe(profile, contactOf(`M 10.${n}.0.1`), 'unknown', 2 * hourMs + n);
  observe(profile, contactOf('M 198.51.100.1'), 'unknown', 3 * hourMs);
  return profile;
}

test('a restart on a clock that begins anew keeps the score, the relays and their quiet days', () => {
  const saved = throughFile(toSnapshot(busy(), dayMs));
  const profile = fromSnapshot(saved, 5000);
  if (!profile) throw new Error('not read');
  expect(scoreAt(profile, 5000)).toBeCloseTo(scoreAt(busy(), dayMs), 3);
  expect(profile.handshakeAtMs).toBe(5000 - 23 * hourMs);
  expect(observe(profile, contactOf('S 142.250.9.9'), 'unknown', 5000).relation).toBe('K');
  // Six days and a bit were missing to a week.
  expect(observe(profile, contactOf('M 198.51.100.1'), 'unknown', 6 * dayMs).relation).not.toBe('K');
  expect(observe(profile, contactOf('M 198.51.100.1'), 'unknown', 6.1 * dayMs).relation).toBe('K');
});

test('what is usual and a closed case outlive a restart', () => {
  const before = emptyProfile(0);
  for (let day = 0; day < 20; day++) countMessages(before.volume, 10, day * dayMs);
  before.score = 8;
  pardon(before, 6.9, 19 * dayMs);
  const profile = fromSnapshot(throughFile(toSnapshot(before, 20 * dayMs)), 5000);
  expect(profile && usualPerDay(profile.volume.habit, 5000)).toBeCloseTo(10, 9);
  expect(profile).toMatchObject({ pardonedAtMs: 5000 - dayMs, accused: false });
  expect(fromSnapshot({ s: 0, k: [], g: [], c: [-1], v: ['x', 3] }, 0)).toMatchObject({ accused: false });
});

test('a retry after a restart is no news, nor is the first address of a provider', () => {
  const before = emptyProfile(0);
  observe(before, contactOf('M 142.250.1.1'), 'unknown', 0);
  const profile = fromSnapshot(throughFile(toSnapshot(before, hourMs)), 0);
  if (!profile) throw new Error('not read');
  expect(observe(profile, contactOf('M 142.250.1.2'), 'unknown', 0).relation).toBe('O');
  expect(observe(profile, contactOf('M 142.250.1.3'), 'unknown', 0).relation).toBe('A');
});

test('it is small: 200 bytes and 48 a known relay', () => {
  const profile = busy();
  expect(JSON.stringify(toSnapshot(profile, 3 * dayMs)).length).toBeLessThan(200 + 48);
  for (let n = 0; n < 16; n++) {
    observe(profile, contactOf(`S 198.${n}.100.1`), 'computer', 4 * hourMs);
    markDelivered(profile, `198.${n}.0.0/16`, 'S', 'computer', 4 * hourMs);
  }
  const snapshot = toSnapshot(profile, 30 * dayMs);
  expect(snapshot.k).toHaveLength(16);
  expect(JSON.stringify(snapshot).length).toBeLessThan(200 + 48 * 16);
});

test('anything else in the file is no profile, or leaves out what is not ours', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const profile = fromSnapshot(value, 0);
      if (profile) expect(profile.score).toBeGreaterThanOrEqual(0);
    }),
  );
  const hostile = {
    s: 1,
    k: [['M', 'a"; drop', 1, 1], ['X', 'google', 1, 1], ['S', 'google', -1, 1], 'M'],
    g: 7,
  };
  expect(fromSnapshot(hostile, 0)?.groups.size).toBe(0);
  const many = { s: 1, k: Array.from({ length: 5000 }, (_, n) => ['S', `g${n}`, 1, 1]), g: [] };
  expect(fromSnapshot(many, 0)?.groups.size).toBe(32);
  expect(fromSnapshot({ s: Number.NaN }, 0)).toBeUndefined();
  expect(fromSnapshot({ s: -1 }, 0)).toBeUndefined();
});
