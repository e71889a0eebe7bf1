import { expect, test } from 'vitest';
import { keyOf, laptop, servers, startWallMs, tv, type World, world } from './world.ts';

const hourMs = 3_600_000;

interface History {
  readonly until: string;
  readonly connections: number[];
  readonly suspicious?: number[];
  readonly refused?: number[];
}

function history(home: World, args: { device?: string } = {}): History {
  const answer = home.ask('history', args);
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.data as History;
}

function refuse(home: World, dst: string, attempts: number): void {
  const row = { key: keyOf(tv), dst, port: 25, attempts } as const;
  home.give({ type: 'sets', reading: { attempts: [row], overruns: [], full: [] } });
}

test('a week of the home by the hour: mail, what spoke against a device with an incident, what was refused', () => {
  const home = world();
  home.open(laptop.address, servers[0] ?? '', 587);
  // Mail that is new but not suspicious is no trouble of the week.
  expect(history(home)).toMatchObject({ until: '2026-11-21T14:00:00Z', suspicious: Array(168).fill(0) });
  home.nowMs += hourMs;
  home.refresh();
  for (const server of servers.slice(1, 20)) home.open(tv.address, server);
  refuse(home, servers[30] ?? '', 7);
  const { until, connections, suspicious, refused } = history(home);
  expect(until).toBe(new Date(startWallMs + hourMs).toISOString().replace('.000', ''));
  expect(connections).toHaveLength(168);
  expect(connections.slice(-2)).toEqual([1, 19]);
  expect(refused?.slice(-2)).toEqual([0, 7]);
  const against = suspicious?.at(-1) ?? 0;
  expect(against).toBeGreaterThan(0);
  expect(against).toBeLessThanOrEqual(19);
  home.nowMs += 167 * hourMs;
  expect(history(home)).toMatchObject({ connections: [19, ...Array(167).fill(0)] });
});

test('what the last run counted is added hour by hour, as long ago as it was; what is no count is none', () => {
  const home = world();
  home.nowMs += 3 * hourMs;
  home.open(laptop.address, servers[0] ?? '', 587);
  const saved = (last: readonly unknown[]) => [...Array(168 - last.length).fill(0), ...last];
  const counts = { connections: saved([1, 2, 3]), refused: ['x', -1, 0.5, 9], suspicious: 'none', more: [1] };
  home.give({ type: 'week', counts, agoMs: 90 * 60_000 });
  expect(history(home).connections.slice(-5)).toEqual([0, 1, 2, 3, 1]);
  expect(history(home).refused?.slice(-2)).toEqual([9, 0]);
  expect(history(home).suspicious).toEqual(Array(168).fill(0));
  home.give({ type: 'week', counts: { refused: saved([5]) }, agoMs: 168 * hourMs });
  expect(history(home).refused?.reduce((sum, one) => sum + one, 0)).toBe(9);
});

test('a day of one device; the list of devices shows the same, and who is kept', () => {
  const home = world();
  home.open(laptop.address, servers[0] ?? '', 587);
  const day = [...Array(23).fill(0), 1];
  expect(history(home, { device: keyOf(laptop) })).toMatchObject({ connections: day });
  expect(history(home, { device: keyOf(laptop) })).not.toHaveProperty('refused');
  expect(home.ask('history', { device: 'nobody' })).toMatchObject({ error: { code: 'unknown_device' } });
  expect(home.ask('devices')).toMatchObject({ data: { devices: [{ device: keyOf(laptop), hourly: day }] } });
  expect(home.ask('pin', { device: keyOf(laptop) })).toMatchObject({ data: { pinned: true } });
  expect(home.ask('devices')).toMatchObject({ data: { devices: [{ pinned: true }] } });
  expect(home.ask('pin', { device: keyOf(laptop), on: false })).toMatchObject({ data: { pinned: false } });
});

test('what a forgotten device was refused before is no news of it', () => {
  const home = world();
  const refuse = (attempts: number) => {
    for (const dst of servers.slice(0, 12))
      home.give({
        type: 'sets',
        reading: { attempts: [{ key: keyOf(tv), dst, port: 25, attempts }], overruns: [], full: [] },
      });
  };
  home.ask('block', { device: keyOf(tv) });
  refuse(30);
  home.ask('forget', { device: keyOf(tv) });
  refuse(30);
  expect(home.state.records.get(keyOf(tv))?.incident).toBeUndefined();
  expect(home.state.records.get(keyOf(tv))?.refused ?? 0).toBe(0);
  refuse(31);
  expect(home.state.records.get(keyOf(tv))?.incident).toBeDefined();
});

test('who only looks makes no device known and pushes none out, whatever is asked for', () => {
  const home = world();
  home.open(tv.address, servers[0] ?? '');
  home.pass(3_600_000);
  const before = [...home.state.records.keys()];
  for (let i = 0; i < 600; i++) {
    const device = (0x0200_0000_0000 + i).toString(16).padStart(12, '0');
    expect(home.ask('device', { device, why: true })).toMatchObject({ data: { device, connections: 0 } });
    expect(home.ask('history', { device })).toMatchObject({ ok: true });
  }
  expect([...home.state.records.keys()]).toEqual(before);
});
