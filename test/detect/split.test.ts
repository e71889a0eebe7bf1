import { expect, test } from 'vitest';
import type { Family } from './family.ts';
import { alarmLines, splitLines, touchedLines } from './split.ts';
import type { DeviceTrial, Found, Trial } from './trial.ts';

const none: Trial = { restrict: undefined, block: undefined, slow: undefined, told: false, leaked: 5 };
const at = (connection: number): Found => ({ connection, afterS: 60, leaked: 1 });

const trial = (device: string, rest: Partial<DeviceTrial> = {}): DeviceTrial => ({
  device,
  part: 'tuning',
  class: 'unknown',
  messages: 5,
  watched: none,
  enforced: none,
  peers: {},
  ...rest,
});

const family = (name: string, kind: Family['kind']): Family => ({
  name,
  about: name,
  kind,
  classes: ['unknown'],
  days: 30,
  devices: 2,
  make: () => ({ flows: [] }),
});

const restricted: Trial = { ...none, restrict: at(3) };
const phones = {
  family: family('phone', 'ordinary'),
  trials: [
    trial('phone/0', { watched: restricted, peers: { any_port_25: at(1) } }),
    trial('phone/1', { part: 'held-out', watched: restricted }),
    trial('phone/2'),
    trial('phone/4', { watched: { ...none, slow: at(9) } }),
  ],
};

test('each guard has its share of months, its bound, and both parts', () => {
  const lines = alarmLines([phones]);
  const of = (who: string) =>
    lines
      .find((line) => line.startsWith(who))
      ?.slice(22)
      .trim()
      .split(/ {2,}/);
  expect(of('Postern ')).toEqual(['3/4', '75 %', '98.73 %', '2/3', '1/1']);
  expect(of('Postern, enforced')).toEqual(['0/4', '0 %', '52.71 %', '0/3', '0/1']);
  expect(of('any port 25')?.[0]).toBe('1/4');
});

test('who was touched is named only where it may be looked at', () => {
  expect(touchedLines([phones])).toEqual([
    '  phone/0 as unknown: restricted at 3',
    '  phone/4 as unknown: slowed at 9',
  ]);
});

test('a bot that was kept back as a whole has nothing to tune on', () => {
  const bots = { family: family('new_bot', 'bot'), trials: [trial('new_bot/0', { part: 'held-out' })] };
  const [, line = ''] = splitLines([bots]);
  expect(line.split(/ {2,}/)).toEqual(['new_bot', '-', '-', '-', '0 %', 'never', '5.0']);
});
