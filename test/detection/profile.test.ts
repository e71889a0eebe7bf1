import { expect, test } from 'vitest';
import { markDelivered } from '../../daemon/detection/known.ts';
import { mergeProfile } from '../../daemon/detection/merge.ts';
import { noteHandshake, observe } from '../../daemon/detection/observe.ts';
import {
  dayMs,
  emptyProfile,
  groupsWithin,
  hourMs,
  pardon,
  scoreAt,
} from '../../daemon/detection/profile.ts';
import { countMessages, messagesInDay } from '../../daemon/detection/volume.ts';
import { contactOf, play } from './trace.ts';

test('groups contacted within a window, each once', () => {
  const { profile } = play(
    [
      [0, 'S 198.51.100.1'],
      [1, 'M 198.51.100.1'],
      [72, 'S 203.0.113.1'],
      [73, 'S 198.51.100.1'],
    ],
    'unknown',
  );
  expect(groupsWithin(profile, dayMs, 73 * hourMs)).toBe(2);
  expect(groupsWithin(profile, hourMs / 2, 73 * hourMs)).toBe(1);
  expect(groupsWithin(profile, dayMs, 170 * hourMs)).toBe(0);
});

test('what was gathered under an address goes to the device it was', () => {
  const device = play([[0, 'S 198.51.100.1']], 'unknown').profile;
  markDelivered(device, '198.51.0.0/16', 'S', 'unknown', 0);
  const stranger = emptyProfile(0);
  observe(stranger, contactOf('M 203.0.113.1'), 'unknown', 1000);
  observe(stranger, contactOf('S 192.0.2.1'), 'unknown', 1000);
  markDelivered(stranger, '192.0.0.0/16', 'S', 'unknown', 1000);
  noteHandshake(stranger, 1500);
  countMessages(stranger.volume, 7, 1500);
  mergeProfile(device, stranger, 2000);
  // 0.223 of its own, 3.401 and 0.223 of the address.
  expect(scoreAt(device, 2000)).toBeCloseTo(3.847, 3);
  expect(device.handshakeAtMs).toBe(1500);
  expect(messagesInDay(device.volume, 2000)).toBe(7);
  expect(observe(device, contactOf('S 198.51.100.1'), 'unknown', 2000).relation).toBe('K');
  expect(observe(device, contactOf('M 203.0.113.1'), 'unknown', 2000).relation).toBe('O');
  // Learned without knowing whose it is: not taken over as known.
  expect(observe(device, contactOf('S 192.0.2.1'), 'unknown', 2000).relation).toBe('O');
});

test('what spoke against the address speaks against the device, also where its last case is closed', () => {
  const device = play([[0, 'M 198.51.100.1']], 'unknown').profile;
  pardon(device, 6.9, 500);
  const silent = emptyProfile(0);
  mergeProfile(device, silent, 1000);
  expect(device.accused).toBe(false);
  const stranger = emptyProfile(0);
  observe(stranger, contactOf('M 203.0.113.1'), 'unknown', 1000);
  mergeProfile(device, stranger, 2000);
  expect(device.accused).toBe(true);
});
