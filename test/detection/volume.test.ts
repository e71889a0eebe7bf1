import { expect, test } from 'vitest';
import {
  countMessages,
  emptyVolume,
  isRush,
  messagesInDay,
  volumeNotice,
} from '../../daemon/detection/volume.ts';

const hourMs = 3_600_000;

test('messages count for a day and then go', () => {
  const volume = emptyVolume();
  for (let hour = 0; hour < 48; hour++) countMessages(volume, 2, hour * hourMs);
  expect(messagesInDay(volume, 47 * hourMs)).toBe(48);
  expect(messagesInDay(volume, 58 * hourMs)).toBe(26);
  expect(messagesInDay(volume, 71 * hourMs)).toBe(0);
});

test('a long silence empties it at once, and the clock may start below zero or jump back', () => {
  const volume = emptyVolume();
  countMessages(volume, 5, 3 * hourMs);
  countMessages(volume, 1, -50 * hourMs);
  expect(messagesInDay(volume, 3 * hourMs)).toBe(6);
  expect(messagesInDay(volume, 1e12)).toBe(0);
});

test.each([
  ['iot', 100],
  ['appliance', 100],
  ['unknown', 100],
  ['computer', 300],
  ['mailserver', 300],
] as const)('%s is told above %d a day', (deviceClass, limit) => {
  const volume = emptyVolume();
  countMessages(volume, limit, 0);
  expect(volumeNotice(volume, deviceClass, 0)).toBeUndefined();
  countMessages(volume, 1, hourMs);
  expect(volumeNotice(volume, deviceClass, hourMs)).toEqual({ messages: limit + 1, limit });
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
