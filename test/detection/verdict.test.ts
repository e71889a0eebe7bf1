import { expect, test } from 'vitest';
import { noteHandshake, observe, observeOutcome } from '../../daemon/detection/observe.ts';
import { dayMs, emptyProfile, type Profile, pardon } from '../../daemon/detection/profile.ts';
import { thresholdsOf } from '../../daemon/detection/thresholds.ts';
import { verdictOf } from '../../daemon/detection/verdict.ts';
import { contactOf } from './trace.ts';

const normal = thresholdsOf('normal');

/** Contacts new groups on port 25, one each `pauseMs`: 3.4 each. */
function roam(profile: Profile, groups: number, pauseMs: number, refused = false): number {
  for (let n = 0; n < groups; n++) {
    observe(profile, { ...contactOf(`M 198.${n}.0.1`), refused }, 'unknown', n * pauseMs);
  }
  return (groups - 1) * pauseMs;
}

test('nothing below the first threshold, restrict from it on', () => {
  const profile = emptyProfile(0);
  roam(profile, 1, 0);
  expect(verdictOf(profile, normal, 'unknown', 0)).toMatchObject({
    decision: 'none',
    proof: 'none',
  });
  expect(verdictOf(profile, thresholdsOf('strict'), 'unknown', 0).decision).toBe('restrict');
  roam(profile, 2, 0);
  profile.score = 4.6;
  expect(verdictOf(profile, normal, 'unknown', 0).decision).toBe('restrict');
  expect(verdictOf(profile, thresholdsOf('relaxed'), 'unknown', 0).decision).toBe('none');
});

/** A login at each that comes to nothing: 2.1 each. */
function failLogins(profile: Profile, count: number, atMs: number): void {
  for (let n = 0; n < count; n++) {
    const step = observe(profile, contactOf(`S 203.${n}.0.1`), 'unknown', atMs);
    observeOutcome(profile, step, 'no service', 'unknown', atMs);
  }
}

test('one stranger on port 25 and dead accounts do not add up: a provider has its relay there', () => {
  const profile = emptyProfile(0);
  roam(profile, 1, 0);
  failLogins(profile, 2, 0);
  // 3.4 for the one, 4.2 for the others.
  expect(verdictOf(profile, normal, 'unknown', 0).decision).toBe('none');
  expect(verdictOf(profile, normal, 'unknown', 0).score).toBeCloseTo(7.64, 2);
  // What is left of either after 14 days: 1.7 and 2.1, and of a third account 2.1: 4.2 without the stranger.
  failLogins(profile, 3, 14 * dayMs);
  expect(verdictOf(profile, normal, 'unknown', 14 * dayMs).decision).toBe('none');
});

test.each([
  ['a second stranger on port 25', (profile: Profile) => roam(profile, 2, 0)],
  ['a third dead account', (profile: Profile) => failLogins(profile, 3, 0)],
])('%s: then they do', (_, more) => {
  const profile = emptyProfile(0);
  roam(profile, 1, 0);
  failLogins(profile, 2, 0);
  more(profile);
  expect(verdictOf(profile, normal, 'unknown', 0).decision).toBe('restrict');
});

test("a provider of mailboxes is nobody's relay: one of its exchangers and a dead account add up", () => {
  const profile = emptyProfile(0);
  observe(profile, contactOf('M 142.250.0.26'), 'unknown', 0);
  failLogins(profile, 1, 0);
  expect(verdictOf(profile, normal, 'unknown', 0).decision).toBe('restrict');
});

test('a burst of forged SYNs restricts and no more; one handshake is the proof', () => {
  const profile = emptyProfile(0);
  const nowMs = roam(profile, 20, 10);
  expect(verdictOf(profile, normal, 'unknown', nowMs)).toMatchObject({ decision: 'restrict', proof: 'none' });
  noteHandshake(profile, nowMs);
  expect(verdictOf(profile, normal, 'unknown', nowMs)).toMatchObject({
    decision: 'block',
    proof: 'handshake',
  });
});

test('attempts that go on are a proof: three moments, ten seconds apart', () => {
  const profile = emptyProfile(0);
  roam(profile, 2, 10_000);
  expect(verdictOf(profile, normal, 'unknown', 10_000).proof).toBe('none');
  observe(profile, contactOf('M 198.9.0.1'), 'unknown', 20_000);
  expect(verdictOf(profile, normal, 'unknown', 20_000)).toMatchObject({
    decision: 'block',
    proof: 'attempts',
  });
  expect(verdictOf(profile, normal, 'unknown', 20_000 + 7 * dayMs + 1).proof).toBe('none');
});

test('attempts an hour apart do not go on', () => {
  const profile = emptyProfile(0);
  const nowMs = roam(profile, 4, 3_600_001);
  expect(verdictOf(profile, normal, 'unknown', nowMs).proof).toBe('none');
});

test('refused retries go on, retries of a dead relay do not', () => {
  const refused = emptyProfile(0);
  const dead = emptyProfile(0);
  for (let n = 0; n < 5; n++) {
    observe(refused, { ...contactOf('M 198.51.100.1'), refused: true }, 'unknown', n * 10_000);
    observe(dead, contactOf('M 198.51.100.1'), 'unknown', n * 10_000);
  }
  expect(verdictOf(refused, normal, 'unknown', 50_000).proof).toBe('attempts');
  expect(verdictOf(dead, normal, 'unknown', 50_000).proof).toBe('none');
});

test('two groups are never blocked, whatever the score', () => {
  const profile = emptyProfile(0);
  roam(profile, 2, 0);
  noteHandshake(profile, 0);
  profile.score = 50;
  expect(verdictOf(profile, normal, 'unknown', 0)).toMatchObject({ decision: 'restrict' });
  observe(profile, contactOf('S 192.0.2.1'), 'unknown', 0);
  expect(verdictOf(profile, normal, 'unknown', 0)).toMatchObject({ decision: 'block' });
});

test('groups and proof of more than a week ago count no more', () => {
  const profile = emptyProfile(0);
  roam(profile, 5, 0);
  noteHandshake(profile, 0);
  profile.score = 50;
  expect(verdictOf(profile, normal, 'unknown', 7 * dayMs).decision).toBe('block');
  expect(verdictOf(profile, normal, 'unknown', 7 * dayMs + 1)).toMatchObject({
    decision: 'restrict',
    proof: 'none',
  });
});

test('after a ban the old score alone holds nobody; one new step on top of it does', () => {
  const profile = emptyProfile(0);
  roam(profile, 5, 0);
  noteHandshake(profile, 0);
  pardon(profile, 6.9, 1000);
  expect(verdictOf(profile, normal, 'unknown', 1000)).toMatchObject({ decision: 'none', score: 6.9 });
  observe(profile, contactOf('M 198.0.0.1'), 'unknown', 2000);
  // A again: 6.9 + ln(.26 / .012) = 9.98.
  expect(verdictOf(profile, normal, 'unknown', 2000).decision).toBe('block');
});

test('a case that is closed leaves no more than there was', () => {
  const profile = emptyProfile(0);
  roam(profile, 1, 0);
  pardon(profile, 6.9, 0);
  expect(verdictOf(profile, normal, 'unknown', 0).score).toBeCloseTo(3.401, 3);
});
