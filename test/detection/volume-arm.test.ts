import { expect, test } from 'vitest';
import { noteEnding, rollHabit } from '../../daemon/detection/habit.ts';
import { markDelivered } from '../../daemon/detection/known.ts';
import { observe } from '../../daemon/detection/observe.ts';
import { dayMs, emptyProfile } from '../../daemon/detection/profile.ts';
import { countMessages } from '../../daemon/detection/volume.ts';
import { isRush, loudnessOf } from '../../daemon/detection/volume-arm.ts';
import { contactOf } from './trace.ts';

/** A device that sent `usual` a day for two weeks, and `today` since midnight. */
function sent(today: number, usual?: number) {
  const profile = emptyProfile(0);
  if (usual !== undefined)
    for (let day = 0; day < 14; day++) countMessages(profile.volume, usual, day * dayMs);
  const nowMs = usual === undefined ? 0 : 14 * dayMs + 3_600_000;
  countMessages(profile.volume, today, nowMs);
  return { profile, nowMs };
}

const loudness = (today: number, usual?: number, deviceClass: 'iot' | 'computer' | 'mailserver' = 'iot') => {
  const { profile, nowMs } = sent(today, usual);
  return loudnessOf(profile, deviceClass, nowMs);
};

test.each([
  ['iot', 100],
  ['computer', 300],
  ['mailserver', 300],
] as const)('%s, of whose habit nothing is known, is told above %d a day', (deviceClass, limit) => {
  expect(loudness(limit, undefined, deviceClass)).toBeUndefined();
  expect(loudness(limit + 1, undefined, deviceClass)).toEqual({ messages: limit + 1, limit });
});

test.each([
  ['five times what is usual', 10, 50],
  ['a handful is never loud', 1, 30],
  ['never above what is loud for its class', 40, 100],
  ['a loud habit is told where it doubles', 120, 240],
])('%s: usually %d a day, told above %d', (_, usual, limit) => {
  expect(loudness(limit, usual)).toBeUndefined();
  expect(loudness(limit + 1, usual)).toMatchObject({ messages: limit + 1, limit });
});

test('a camera that mails one alarm a day gets 120 out on the night of a burglary: told, not slowed', () => {
  expect(loudness(120, 1)).toEqual({ messages: 120, limit: 30 });
});

test('slowed above 500 a day, whoever it is, but for a mail server', () => {
  expect(loudness(500)).not.toHaveProperty('sign');
  expect(loudness(501)).toMatchObject({ sign: 'amount' });
  expect(loudness(501, undefined, 'mailserver')).not.toHaveProperty('sign');
});

test('slowed at a pace unlike its own', () => {
  expect(loudness(300, 25)).not.toHaveProperty('sign');
  expect(loudness(301, 25)).toMatchObject({ sign: 'pace' });
  expect(loudness(301, 31)).not.toHaveProperty('sign');
});

test('slowed where a third of its sessions fail, ten at least', () => {
  const failing = (failures: number, fine: number) => {
    const { profile } = sent(101);
    for (let n = 0; n < failures + fine; n++) noteEnding(profile.volume.habit, n < failures, 0);
    return loudnessOf(profile, 'iot', 0);
  };
  expect(failing(9, 0)).not.toHaveProperty('sign');
  expect(failing(10, 20)).toMatchObject({ sign: 'failures' });
  expect(failing(10, 21)).not.toHaveProperty('sign');
});

test('an evening of letters that went through is not slowed for a password that is wrong on the next morning', () => {
  const profile = emptyProfile(0);
  const { habit } = profile.volume;
  const eveningMs = dayMs - 3_600_000;
  countMessages(profile.volume, 101, eveningMs);
  for (let n = 0; n < 101; n++) noteEnding(habit, false, eveningMs);
  const nextMorningMs = dayMs + 9 * 3_600_000;
  rollHabit(habit, nextMorningMs);
  for (let n = 0; n < 16; n++) noteEnding(habit, true, nextMorningMs);
  expect(loudnessOf(profile, 'iot', nextMorningMs)).not.toHaveProperty('sign');
});

test('slowed where it uses many new services', () => {
  const using = (services: number) => {
    const { profile } = sent(101);
    for (let n = 0; n < services; n++) {
      const { group } = observe(profile, contactOf(`S ${20 + n}.7.0.25`), 'iot', 0);
      markDelivered(profile, group, 'S', 'iot', 0);
    }
    return loudnessOf(profile, 'iot', 0);
  };
  expect(using(2)).not.toHaveProperty('sign');
  expect(using(3)).toMatchObject({ sign: 'services' });
});

test('a rush is a quarter of a loud day in one session, and no attachment', () => {
  const commands = { packets: 200, bytes: 40_000 };
  expect(isRush(24, commands, 'unknown')).toBe(false);
  expect(isRush(25, commands, 'unknown')).toBe(true);
  expect(isRush(25, commands, 'computer')).toBe(false);
  expect(isRush(75, commands, 'computer')).toBe(true);
  // 20 MB over a link with an MTU of 1,280: the estimate takes what is missing of each packet for dialogue.
  expect(isRush(345, { packets: 22_300, bytes: 28_500_000 }, 'unknown')).toBe(false);
});
