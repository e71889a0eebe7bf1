import { expect, test } from 'vitest';
import type { DeviceClass } from '../../daemon/config/config.ts';
import { fanOutOf, unlearnServices } from '../../daemon/detection/fan-out.ts';
import { knownRelays, markDelivered } from '../../daemon/detection/known.ts';
import { observe } from '../../daemon/detection/observe.ts';
import { dayMs, emptyProfile, hourMs, type Profile, pardon } from '../../daemon/detection/profile.ts';
import { type Contact, contactOf, play } from './trace.ts';

/** One contact every so many hours, each with another /16. */
const spread = (count: number, everyHours: number, port = 'S'): Contact[] =>
  Array.from({ length: count }, (_, index) => [index * everyHours, `${port} ${20 + index}.7.0.25`]);

const after = (trace: readonly Contact[], deviceClass: DeviceClass, hour: number) =>
  fanOutOf(play(trace, deviceClass).profile, deviceClass, hour * hourMs);

/** Mails through so many services at that time. */
function mailThrough(profile: Profile, count: number, deviceClass: DeviceClass, nowMs: number): void {
  for (const [, text] of spread(count, 0)) {
    const { group } = observe(profile, contactOf(text), deviceClass, nowMs);
    markDelivered(profile, group, 'S', deviceClass, nowMs);
  }
}

test.each([
  ['iot', 4],
  ['appliance', 4],
  ['unknown', 12],
  ['computer', 12],
] as const)(
  '%s: %i new submission services in a day are none too many, one more is',
  (deviceClass, limit) => {
    expect(after(spread(limit, 1), deviceClass, limit)).toBeUndefined();
    expect(after(spread(limit + 1, 1), deviceClass, limit + 1)).toEqual({ newGroups: limit + 1, limit });
  },
);

test('a day is 24 hours: five in 25 hours are no spread', () => {
  expect(after(spread(5, 6), 'iot', 24)).toEqual({ newGroups: 5, limit: 4 });
  expect(after(spread(5, 6), 'iot', 24.1)).toBeUndefined();
});

test('port 25 does not count: the score sees it', () => {
  expect(after(spread(30, 0.1, 'M'), 'iot', 3)).toBeUndefined();
});

test('many addresses of one provider are one', () => {
  const gmail: Contact[] = Array.from({ length: 30 }, (_, index) => [index / 10, `S 142.250.${index}.108`]);
  expect(after(gmail, 'iot', 3)).toBeUndefined();
});

test('what took mail a day ago is a habit, however many there are of it', () => {
  const profile = emptyProfile(0);
  for (let count = 1; count <= 12; count++) mailThrough(profile, count, 'iot', (count - 1) * dayMs);
  expect(fanOutOf(profile, 'iot', 11 * dayMs + hourMs)).toBeUndefined();
});

test('a relay that delivered counts like any other: stolen logins do deliver', () => {
  const profile = emptyProfile(0);
  mailThrough(profile, 5, 'iot', 0);
  expect(fanOutOf(profile, 'iot', hourMs)).toEqual({ newGroups: 5, limit: 4 });
});

test('what a bot brought with it is no relay of the device any more; what it used before is', () => {
  const profile = emptyProfile(0);
  mailThrough(profile, 1, 'iot', 0);
  mailThrough(profile, 5, 'iot', 2 * dayMs);
  expect(knownRelays(profile)).toHaveLength(4);
  unlearnServices(profile, 2 * dayMs);
  expect(knownRelays(profile).map(({ group }) => group)).toEqual(['20.7.0.0/16']);
});

test('after the case is closed the count starts anew, and the old relays count again', () => {
  const profile = emptyProfile(0);
  mailThrough(profile, 8, 'iot', 0);
  unlearnServices(profile, 0);
  pardon(profile, 0, hourMs);
  expect(fanOutOf(profile, 'iot', hourMs + 1)).toBeUndefined();
  mailThrough(profile, 4, 'iot', 2 * hourMs);
  expect(fanOutOf(profile, 'iot', 2 * hourMs)).toBeUndefined();
  mailThrough(profile, 5, 'iot', 3 * hourMs);
  expect(fanOutOf(profile, 'iot', 3 * hourMs)).toEqual({ newGroups: 5, limit: 4 });
});

test('a mail server may mail through whom it likes', () => {
  expect(after(spread(40, 0.1), 'mailserver', 4)).toBeUndefined();
});
