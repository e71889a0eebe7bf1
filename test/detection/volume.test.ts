import { expect, test } from 'vitest';
import { countMessages, emptyVolume, messagesInDay } from '../../daemon/detection/volume.ts';

const hourMs = 3_600_000;

test('messages count for a day and then go', () => {
  const volume = emptyVolume(0);
  for (let hour = 0; hour < 48; hour++) countMessages(volume, 2, hour * hourMs);
  expect(messagesInDay(volume, 47 * hourMs)).toBe(48);
  expect(messagesInDay(volume, 58 * hourMs)).toBe(26);
  expect(messagesInDay(volume, 71 * hourMs)).toBe(0);
});

test('a long silence empties it at once, and the clock may start below zero or jump back', () => {
  const volume = emptyVolume(0);
  countMessages(volume, 5, 3 * hourMs);
  countMessages(volume, 1, -50 * hourMs);
  expect(messagesInDay(volume, 3 * hourMs)).toBe(6);
  expect(messagesInDay(volume, 1e12)).toBe(0);
});
