import { describe, expect, test } from 'vitest';
import type { DeviceKey } from '../../daemon/address/device-key.ts';
import type { Seen } from '../../daemon/history/seen.ts';
import { maxWatches, Watches } from '../../daemon/history/watches.ts';
import { keyOf, servers, startWallMs, tv, world } from '../engine/world.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const camera = 'ec71db001122' as DeviceKey;
const at = (ms: number) => ({ nowMs: ms, wallMs: startWallMs + ms });
const mail = (more: Partial<Seen> = {}): Seen => ({
  ...{ key: camera, address: '198.51.100.9', port: 587, connections: 1 },
  ...more,
});

describe('a watch', () => {
  test('ends with word that nothing happened, and how much it mailed', () => {
    const watches = new Watches();
    expect(watches.begin(camera, dayMs, at(0))).toEqual({
      key: camera,
      event: 'watching',
      text: 'is watched closely until 2026-11-22 14:00:00 UTC.',
    });
    expect(watches.note(mail(), at(hourMs))).toBeUndefined();
    expect(watches.note(mail({ key: 'ec71db009999' as DeviceKey, odd: true }), at(hourMs))).toBeUndefined();
    expect(watches.tick(at(dayMs - 1), [])).toEqual([]);
    const text = 'tried nothing suspicious for 24 h. 1 mail connections, all as usual.';
    expect(watches.tick(at(dayMs), [])).toEqual([{ key: camera, event: 'clean', text }]);
    expect(watches.tick(at(2 * dayMs), [])).toEqual([]);
  });

  test.each([
    ['a stranger', { odd: true, port: 25 }, 'never used before'],
    ['what was refused', { connections: 0, refused: 9, port: 25 }, 'was refused'],
  ] as const)('ends with %s, once', (_, more, words) => {
    const watches = new Watches();
    watches.begin(camera, dayMs, at(0));
    // On its way when it began.
    expect(watches.note(mail(more), at(2000))).toBeUndefined();
    expect(watches.note(mail(more), at(3 * hourMs))).toMatchObject({
      event: 'tried_again',
      text: expect.stringContaining(words),
    });
    expect(watches.note(mail(more), at(3 * hourMs + 1))).toBeUndefined();
    expect(watches.tick(at(dayMs), [])).toEqual([]);
  });

  test('goes on over a restart, says how long nobody looked, and ends no sooner for being asked for again', () => {
    const before = new Watches();
    before.begin(camera, dayMs, at(0));
    const rows = JSON.parse(JSON.stringify(before.rows(6 * hourMs)));
    const after = new Watches();
    after.restore([...rows, null, ['x', 1, 1, 1], [camera]], at(8 * hourMs), 2 * hourMs);
    after.begin(camera, hourMs, at(9 * hourMs));
    const minute = startWallMs / 60_000;
    const runs = [
      { from: minute - 600, to: minute + 360 },
      { from: minute + 480, to: minute + 1440 },
    ];
    expect(after.tick(at(dayMs - 1000), runs)).toEqual([]);
    expect(after.tick(at(dayMs), runs)).toMatchObject([
      { event: 'clean', text: expect.stringContaining('did not look for 2 h') },
    ]);
  });

  test('is one of so many', () => {
    const watches = new Watches();
    for (let index = 0; index < 500; index++)
      watches.begin((0xb00000000000 + index).toString(16) as DeviceKey, dayMs + index, at(0));
    expect(watches.rows(0)).toHaveLength(maxWatches);
  });
});

describe('the verb', () => {
  test('lowers the threshold until the end, never shortens a probation, and leaves the hold as it is', () => {
    const home = world();
    for (const server of servers.slice(0, 8)) home.open(tv.address, server);
    const held = home.state.records.get(keyOf(tv))?.ban;
    expect(held).toBeDefined();
    expect(home.ask('watch', { device: tv.mac, for: '2d' })).toMatchObject({
      ok: true,
      data: { restrict_at: 3.4 },
    });
    const until = () => (home.state.records.get(keyOf(tv))?.probationUntilMs ?? 0) - home.nowMs;
    expect(until()).toBe(2 * dayMs);
    home.ask('watch', { device: tv.mac, for: '1h' });
    expect(until()).toBe(2 * dayMs);
    expect(home.state.records.get(keyOf(tv))?.ban).toEqual(held);
    expect(home.effects.filter(({ type }) => type === 'watch')).toEqual([
      { type: 'watch', key: keyOf(tv), durationMs: 2 * dayMs },
      { type: 'watch', key: keyOf(tv), durationMs: hourMs },
    ]);
    for (const lasting of ['reboot', '31d', 'soon'])
      expect(home.ask('watch', { device: tv.mac, for: lasting })).toMatchObject({ ok: false });
  });

  test('what came of it is told, in the story of the incident where one is open', () => {
    const home = world();
    home.ask('watch', { device: tv.mac });
    home.give({ type: 'remark', event: 'clean', key: keyOf(tv), text: 'tried nothing suspicious for 24 h.' });
    home.give({ type: 'remark', event: 'report', text: 'The week: 14 devices watched.' });
    const texts = home.effects.flatMap((effect) => (effect.type === 'event' ? [effect.document] : []));
    expect(texts).toMatchObject([
      {
        type: 'clean',
        device: keyOf(tv),
        text: expect.stringMatching(/\) tried nothing suspicious for 24 h\.$/),
      },
      { type: 'report', text: 'The week: 14 devices watched.' },
    ]);
    for (const server of servers.slice(0, 8)) home.open(tv.address, server);
    home.give({ type: 'remark', event: 'tried_again', key: keyOf(tv), text: 'tried again.' });
    const incident = [...home.state.incidents.values()].at(-1);
    expect(incident?.steps.map(({ type }) => type)).toContain('tried_again');
  });
});
