import { expect, test } from 'vitest';
import type { DeviceClass } from '../../daemon/config/config.ts';
import { knownRelays, markDelivered, markTrouble } from '../../daemon/detection/known.ts';
import { observe } from '../../daemon/detection/observe.ts';
import { dayMs, emptyProfile, type Profile, scoreAt } from '../../daemon/detection/profile.ts';
import { contactOf } from './trace.ts';

const relay = '198.51.0.0/16';

/** Contacts and delivers at once. */
function deliver(profile: Profile, text: string, deviceClass: DeviceClass, nowMs: number) {
  const step = observe(profile, contactOf(text), deviceClass, nowMs);
  return markDelivered(profile, step.group, step.portClass, deviceClass, nowMs);
}
const relationAt = (profile: Profile, text: string, deviceClass: DeviceClass, nowMs: number) =>
  observe(profile, contactOf(text), deviceClass, nowMs).relation;

test.each(['iot', 'appliance', 'unknown'] as const)(
  '%s: a relay on port 25 waits for 7 quiet days',
  (deviceClass) => {
    const profile = emptyProfile(0);
    expect(deliver(profile, 'M 198.51.100.1', deviceClass, 0)).toBe(false);
    expect(relationAt(profile, 'M 198.51.100.1', deviceClass, 7 * dayMs - 1)).toBe('O');
    expect(relationAt(profile, 'M 198.51.100.1', deviceClass, 7 * dayMs)).toBe('K');
  },
);

test('the quiet days are counted from the first delivery, however many follow', () => {
  const profile = emptyProfile(0);
  for (let day = 0; day < 7; day++) deliver(profile, 'M 198.51.100.1', 'unknown', day * dayMs);
  expect(relationAt(profile, 'M 198.51.100.1', 'unknown', 7 * dayMs)).toBe('K');
});

test('computer: a relay on port 25 is known with its first delivery', () => {
  const profile = emptyProfile(0);
  expect(deliver(profile, 'M 198.51.100.1', 'computer', 0)).toBe(true);
});

test('trouble starts the quiet days over, with the next delivery', () => {
  const profile = emptyProfile(0);
  deliver(profile, 'M 198.51.100.1', 'unknown', 0);
  markTrouble(profile);
  expect(relationAt(profile, 'M 198.51.100.1', 'unknown', 8 * dayMs)).toBe('O');
  deliver(profile, 'M 198.51.100.1', 'unknown', 8 * dayMs);
  expect(relationAt(profile, 'M 198.51.100.1', 'unknown', 14 * dayMs)).toBe('O');
  expect(relationAt(profile, 'M 198.51.100.1', 'unknown', 15 * dayMs)).toBe('K');
});

test('trouble does not take away a relay that was known before', () => {
  const profile = emptyProfile(0);
  deliver(profile, 'S 198.51.100.1', 'unknown', 0);
  markTrouble(profile);
  expect(relationAt(profile, 'S 198.51.100.1', 'unknown', 1)).toBe('K');
});

test.each([
  ['iot', 'S', 4],
  ['appliance', 'S', 4],
  ['unknown', 'S', 6],
  ['computer', 'S', 16],
  ['computer', 'M', 1],
] as const)('%s knows at most its share of relays on %s: %d', (deviceClass, portClass, limit) => {
  const profile = emptyProfile(0);
  for (let n = 0; n < 20; n++) deliver(profile, `${portClass} 198.${n}.0.1`, deviceClass, n);
  const known = knownRelays(profile);
  expect(known).toHaveLength(limit);
  expect(known.map(({ group }) => group)).toContain('198.0.0.0/16');
});

test('one that was not used for 30 days gives way to a new one', () => {
  const profile = emptyProfile(0);
  deliver(profile, 'M 198.51.100.1', 'computer', 0);
  expect(deliver(profile, 'M 203.0.113.1', 'computer', 30 * dayMs)).toBe(false);
  expect(deliver(profile, 'M 203.0.113.1', 'computer', 30 * dayMs + 1)).toBe(true);
  expect(knownRelays(profile).map(({ group }) => group)).toEqual(['203.0.0.0/16']);
});

test('a known relay stays known beyond 30 days of silence where nobody needs its place', () => {
  const profile = emptyProfile(0);
  deliver(profile, 'S 198.51.100.1', 'iot', 0);
  expect(relationAt(profile, 'S 198.51.100.1', 'iot', 90 * dayMs)).toBe('K');
});

test('a delivery to a group that the memory lost is nothing', () => {
  expect(markDelivered(emptyProfile(0), relay, 'S', 'computer', 0)).toBe(false);
});

test('what the first contact with a relay on port 25 said is taken back when it becomes known', () => {
  const profile = emptyProfile(0);
  deliver(profile, 'M 198.51.100.1', 'unknown', 0);
  observe(profile, contactOf('S 203.0.113.1'), 'unknown', 0);
  // 3.401 and 0.223, half of it left after 14 days: of the relay's part nothing, of the other 0.112.
  expect(scoreAt(profile, 14 * dayMs)).toBeCloseTo(1.812, 3);
  expect(relationAt(profile, 'M 198.51.100.1', 'unknown', 14 * dayMs)).toBe('K');
  // K itself takes 0.606 more than is left.
  expect(scoreAt(profile, 14 * dayMs)).toBe(0);
  const computer = emptyProfile(0);
  observe(computer, contactOf('M 203.0.113.1'), 'computer', 0);
  deliver(computer, 'M 198.51.100.1', 'computer', 0);
  expect(scoreAt(computer, 0)).toBeCloseTo(3.624, 3);
});

test("a provider's exchangers never become a relay on port 25; its submission does", () => {
  const profile = emptyProfile(0);
  deliver(profile, 'M 142.250.1.26', 'computer', 0);
  expect(relationAt(profile, 'M 142.250.1.26', 'computer', 8 * dayMs)).toBe('O');
  deliver(profile, 'S 142.250.1.108', 'computer', 0);
  expect(knownRelays(profile).map(({ portClass }) => portClass)).toEqual(['S']);
});
