import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { count, newHourly, series, total } from '../../daemon/engine/hourly.ts';
import { compactTime, dayAndTime, isoTime } from '../../daemon/engine/iso-time.ts';
import { deviceDocumentOf } from '../../daemon/engine/views.ts';
import { sentence, spoken, spokenDuration } from '../../daemon/engine/words.ts';
import { eventTypes } from '../../daemon/policy/incident.ts';
import { keyOf, servers, startWallMs, tv, world } from './world.ts';

const hourMs = 3_600_000;

describe('times', () => {
  test("are those of the platform's own calendar", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 4e12 }), (ms) => {
        expect(isoTime(ms)).toBe(`${new Date(ms).toISOString().slice(0, 19)}Z`);
      }),
    );
    expect(compactTime(Date.UTC(2026, 10, 21, 14, 2, 3))).toBe('20261121T140203Z');
    expect(dayAndTime(Date.UTC(2026, 10, 21, 14, 2, 3))).toBe('11-21 14:02:03');
  });
});

describe('hourly counts', () => {
  test('equal a plain list of the last hours', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5 * hourMs), fc.nat(9)), { maxLength: 60 }), (steps) => {
        const hourly = newHourly(24, 0);
        const all: { hour: number; amount: number }[] = [];
        let nowMs = 0;
        for (const [ms, amount] of steps) {
          nowMs += ms;
          count(hourly, amount, nowMs);
          all.push({ hour: Math.floor(nowMs / hourMs), amount });
        }
        const hour = Math.floor(nowMs / hourMs);
        const expected = Array.from({ length: 24 }, (_, index) =>
          all.filter((one) => one.hour === hour - 23 + index).reduce((sum, { amount }) => sum + amount, 0),
        );
        expect(series(hourly, nowMs)).toEqual(expected);
        expect(total(hourly, nowMs)).toBe(expected.reduce((sum, amount) => sum + amount, 0));
      }),
    );
  });
});

describe('words', () => {
  test('name a device once', () => {
    expect(spoken({ name: 'camera', vendor: 'Reolink', address: '192.168.1.20' })).toBe(
      'camera (Reolink, 192.168.1.20)',
    );
    expect(spoken({ name: 'cam (Reolink, 01:02:03)', vendor: 'Reolink', address: '192.168.1.20' })).toBe(
      'cam (Reolink, 01:02:03, 192.168.1.20)',
    );
    expect(spoken({ name: '10.8.0.40', address: '10.8.0.40' })).toBe('10.8.0.40');
  });

  test.each([
    [50_000, '50 s'],
    [600_000, '10 min'],
    [6 * hourMs, '6 h'],
    [168 * hourMs, '7 days'],
  ])('%i ms is %s', (ms, text) => {
    expect(spokenDuration(ms)).toBe(text);
  });

  test('there is a sentence for everything that can happen', () => {
    for (const type of eventTypes) {
      const text = sentence(type, {
        device: { name: 'camera' },
        durationMs: hourMs,
        destinations: 2,
        refused: 9,
        note: 'Note.',
      });
      expect(text).toMatch(/\.$/);
      expect(text).not.toMatch(/undefined|NaN| {2}/);
    }
  });
});

test('what counts a day is shown again while nothing happens, until it is nothing', () => {
  const home = world();
  const [server = ''] = servers;
  home.open(tv.address, server, 587);
  const shown: number[] = [];
  for (let minute = 0; minute < 32 * 60; minute++) {
    home.nowMs += 60_000;
    for (const effect of home.give({ type: 'tick' })) {
      if (effect.type !== 'device' || effect.key !== keyOf(tv)) continue;
      const view = { state: home.state, at: { nowMs: home.nowMs, wallMs: startWallMs } };
      shown.push(deviceDocumentOf(view, effect.key)?.connections_24h ?? Number.NaN);
    }
  }
  expect(shown.at(-1)).toBe(0);
  expect(shown.length).toBeLessThanOrEqual(10);
});
