import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeviceKey } from '../../daemon/address/device-key.ts';
import { extraText, readExtra } from '../../daemon/history/extra.ts';
import { History } from '../../daemon/history/history.ts';
import { maxOpened, type Opened, OpenedIncidents } from '../../daemon/history/opened.ts';
import { weekOf } from '../../daemon/history/report.ts';
import { weekAt } from '../../daemon/history/report-due.ts';
import { Timeline } from '../../daemon/history/timeline.ts';
import { utc } from '../../daemon/history/zone.ts';

const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 10, 1);
const at = (ms: number) => ({ nowMs: ms, wallMs: startMs + ms });
const key = (index: number) => `ec71db00000${index}` as DeviceKey;

describe('the report', () => {
  test('has the facts of the week that a list of everything has', () => {
    const things = fc.array(
      fc.record({
        device: fc.integer({ min: 1, max: 5 }),
        ms: fc.nat(20 * dayMs),
        connections: fc.nat(3),
        messages: fc.nat(2),
        refused: fc.nat(2),
      }),
      { maxLength: 120 },
    );
    const suspects = fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 2 });
    fc.assert(
      fc.property(things, suspects, (seen, guilty) => {
        const history = new History(new Timeline(at(0)));
        const all = seen.toSorted((a, b) => a.ms - b.ms);
        for (const { device, ms, ...counts } of all)
          history.note({ key: key(device), address: '198.51.100.9', port: 25, ...counts }, at(ms));
        const nowMs = 20 * dayMs;
        history.tick(at(nowMs));
        const report = weekOf({
          history,
          nowMs: startMs + nowMs,
          devices: 14,
          incidents: [
            ...guilty.map((device) => ({ key: key(device), openedWallMs: startMs + 18 * dayMs })),
            { key: key(1), openedWallMs: startMs + 2 * dayMs },
          ],
        });
        const week = all.filter(({ ms }) => ms >= nowMs - 7 * dayMs + 60_000);
        const sum = (of: 'connections' | 'messages' | 'refused', of1 = week) =>
          of1.reduce((n, one) => n + one[of], 0);
        const byDevice = new Set(week.map(({ device }) => device));
        const known = [...byDevice].filter(
          (device) =>
            !guilty.includes(device) &&
            sum(
              'messages',
              week.filter((one) => one.device === device),
            ) > 0,
        );
        expect(report).toMatchObject({
          ...{ devices: 14, mailing: byDevice.size, known_mailers: known.length, gaps: 0, gap_s: 0 },
          ...{ connections: sum('connections'), messages: sum('messages'), refused: sum('refused') },
          ...{ suspicious: guilty.length, incidents: guilty.length, up_s: 7 * 86_400 },
          connections_known: sum(
            'connections',
            week.filter(({ device }) => known.includes(device)),
          ),
        });
      }),
    );
  });

  test('says it in a sentence, with gaps and what was refused', () => {
    const minute = startMs / 60_000;
    const runs = [{ from: minute - 5000, to: minute + 100 }];
    const history = new History(new Timeline({ nowMs: 0, wallMs: startMs + 200 * 60_000 }, runs));
    const camera = { key: key(1), address: '198.51.100.9', port: 587 as const };
    history.note(
      { ...camera, connections: 1, messages: 1 },
      { nowMs: 1000, wallMs: startMs + 200 * 60_000 + 1000 },
    );
    history.note(
      { ...camera, key: key(2), connections: 2, refused: 3 },
      { nowMs: 1000, wallMs: startMs + 200 * 60_000 + 1000 },
    );
    const view = {
      history,
      nowMs: startMs + 2 * dayMs,
      devices: 14,
      incidents: [{ key: key(2), openedWallMs: startMs }],
    };
    history.tick({ nowMs: 2 * dayMs - 200 * 60_000, wallMs: startMs + 2 * dayMs });
    expect(weekOf(view)).toMatchObject({
      gaps: 1,
      gap_s: 6000,
      text:
        'The week: 14 devices watched, 1 mail connection by 1 known mailer, 2 others, 1 suspicious, ' +
        '3 attempts refused; the guard was up 5 days, 1 gap.',
    });
    expect(weekOf({ ...view, address: 'clear' })).toMatchObject({
      address: 'clear',
      text: expect.stringMatching(/1 gap; address on no list\.$/),
    });
    expect(weekOf({ ...view, address: 'unknown' }).text).toMatch(
      /1 gap; not all blocklists could be asked\.$/,
    );
  });

  test('counts the incidents of which only the beginning is left after restarts, each once', () => {
    const openings = fc.array(
      fc.record({ device: fc.integer({ min: 1, max: 5 }), ms: fc.nat(9 * dayMs), isRestart: fc.boolean() }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(openings, (all) => {
        let kept = new OpenedIncidents();
        let inState: Opened[] = [];
        const sorted = all.toSorted((a, b) => a.ms - b.ms);
        for (const { device, ms, isRestart } of sorted) {
          inState.push({ key: key(device), openedWallMs: startMs + ms });
          kept.take(inState);
          if (!isRestart) continue;
          kept.forget(startMs + ms - 8 * dayMs);
          const text = extraText({ saved_s: 0, watches: [], week: {}, opened: kept.rows() });
          kept = new OpenedIncidents();
          kept.restore(readExtra(text).opened);
          inState = inState.slice(-8);
        }
        const nowMs = startMs + 9 * dayMs;
        const timeline = new Timeline({ nowMs: 0, wallMs: startMs });
        const history = new History(timeline);
        history.tick({ nowMs: 9 * dayMs, wallMs: nowMs });
        const expected = new Set(
          sorted
            .filter(({ ms }) => ms >= 2 * dayMs + 60_000)
            .map(({ device, ms }) => `${device} ${Math.floor(ms / 1000)}`),
        );
        const report = weekOf({ history, nowMs, devices: 14, incidents: kept.all() });
        expect(report.incidents).toBe(expected.size);
        expect(report.suspicious).toBe(new Set([...expected].map((one) => one.split(' ')[0])).size);
      }),
    );
  });

  test('remembers so many beginnings, the newest, and nothing that is none', () => {
    const opened = new OpenedIncidents();
    opened.take(
      Array.from({ length: maxOpened + 5 }, (_, n) => ({ key: key(1), openedWallMs: startMs + n * 1000 })),
    );
    expect(opened.rows()).toHaveLength(maxOpened);
    expect(opened.rows()[0]?.[1]).toBe(startMs / 1000 + 5);
    const none = new OpenedIncidents();
    none.restore([null, 7, ['x', 1], [key(1), '1'], [key(1), Number.NaN], []]);
    expect(none.rows()).toEqual([]);
  });

  test('is due once a week, by day, and not because a clock was wrong', () => {
    let begunMs: number | undefined;
    const due: string[] = [];
    for (let hour = 0; hour < 24 * 30; hour++) {
      const nowMs = startMs + hour * 3_600_000;
      const week = weekAt(begunMs, nowMs, utc);
      begunMs = week.begunMs;
      if (week.isDue) due.push(new Date(nowMs).toISOString().slice(5, 13));
    }
    expect(due).toEqual(['11-08T09', '11-15T09', '11-22T09', '11-29T09']);
    expect(weekAt(startMs + 30 * dayMs, startMs, utc)).toEqual({ begunMs: startMs, isDue: false });
  });
});
