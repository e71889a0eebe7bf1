import { expect, test } from 'vitest';
import type { DeviceClass } from '../../daemon/config/config.ts';
import { fanOutOf } from '../../daemon/detection/fan-out.ts';
import { markDelivered } from '../../daemon/detection/known.ts';
import { hourMs } from '../../daemon/detection/profile.ts';
import { type Contact, play } from './trace.ts';

/** One contact every so many hours, each with another /16. */
const spread = (count: number, everyHours: number, port = 'S'): Contact[] =>
  Array.from({ length: count }, (_, index) => [index * everyHours, `${port} ${20 + index}.7.0.25`]);

const after = (trace: readonly Contact[], deviceClass: DeviceClass, hour: number, sinceHour?: number) =>
  fanOutOf(play(trace, deviceClass).profile, deviceClass, hour * hourMs, sinceHour && sinceHour * hourMs);

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

test('what is in daily use is not new, however often it is used', () => {
  const days: Contact[] = Array.from({ length: 12 }, (_, index) => [
    index * 12,
    `S ${20 + (index % 3)}.7.0.25`,
  ]);
  expect(after(days, 'iot', 132)).toBeUndefined();
});

test('a relay that delivered counts like any other: stolen logins do deliver', () => {
  const { profile } = play(spread(5, 0.1), 'iot');
  for (const group of profile.groups.keys()) markDelivered(profile, group, 'S', 'iot', hourMs);
  expect(fanOutOf(profile, 'iot', hourMs)).toEqual({ newGroups: 5, limit: 4 });
});

test('after a release the count starts anew', () => {
  expect(after(spread(8, 1), 'iot', 8, 3.5)).toBeUndefined();
  expect(after(spread(9, 1), 'iot', 9, 3.5)).toEqual({ newGroups: 5, limit: 4 });
});

test('a mail server may mail through whom it likes', () => {
  expect(after(spread(40, 0.1), 'mailserver', 4)).toBeUndefined();
});
