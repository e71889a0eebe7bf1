import { describe, expect, test } from 'vitest';
import { banDurationsMs } from '../../daemon/policy/ban.ts';
import { offend } from './offend.ts';
import { keyOf, servers, stateOf, tv, type World, world } from './world.ts';

const hourMs = 3_600_000;

describe('bans', () => {
  test('grow from one incident to the next, and end by themselves', () => {
    const home = world();
    for (const [round, expected] of [...banDurationsMs, banDurationsMs[3]].entries()) {
      offend(home, round * 4);
      const ban = home.state.records.get(keyOf(tv))?.ban;
      expect((ban?.endMs ?? 0) - home.nowMs).toBe(expected);
      home.nowMs += Number(expected) - 500;
      home.pass(1000);
      expect(stateOf(home, tv)).toBeUndefined();
    }
    expect(home.events()).toContain('expired');
  });

  test('what led to one outlives it: by itself it holds nobody, the next strange server blocks', () => {
    const home = world();
    offend(home);
    home.nowMs += hourMs;
    home.pass(1000);
    home.refresh();
    expect(stateOf(home, tv)).toBeUndefined();
    // Retries of what it tried before weigh nothing, however high the score still is.
    home.open(tv.address, servers[0] ?? '');
    expect(stateOf(home, tv)).toBeUndefined();
    home.open(tv.address, servers[2] ?? '');
    expect(stateOf(home, tv)).toBe('blocked');
  });

  test('a month without trouble starts over', () => {
    const home = world();
    offend(home);
    home.nowMs += hourMs;
    home.pass(1000);
    home.nowMs += 31 * 24 * hourMs;
    home.pass(1000);
    offend(home, 8);
    expect((home.state.records.get(keyOf(tv))?.ban?.endMs ?? 0) - home.nowMs).toBe(hourMs);
  });

  test('an escalation within an incident lasts no step longer', () => {
    const home = world();
    offend(home);
    for (const server of servers.slice(10, 14)) home.open(tv.address, server);
    expect(stateOf(home, tv)).toBe('blocked');
    expect((home.state.records.get(keyOf(tv))?.ban?.endMs ?? 0) - home.nowMs).toBe(hourMs);
  });

  test('that it goes on trying is told in each incident, however often it tried in the one before', () => {
    const home = world();
    const refuse = (attempts: number) => {
      const rows = [{ key: keyOf(tv), dst: servers[50] ?? '', port: 25 as const, attempts }];
      home.give({ type: 'sets', reading: { attempts: rows, overruns: [], full: [] } });
      home.pass(2000);
    };
    for (const [round, attempts] of [2000, 3000].entries()) {
      offend(home, round * 20);
      refuse(attempts);
      home.pass(8 * hourMs);
    }
    expect(home.state.incidents.size).toBe(2);
    expect(home.events().filter((type) => type === 'still_trying')).toHaveLength(2);
  });

  test('while somebody is held, the attempts are read every two seconds', () => {
    const home = world();
    home.pass(10_000);
    const readings = () =>
      home.effects.filter((effect) => effect.type === 'read' && effect.sets.includes('attempts')).length;
    expect(readings()).toBe(0);
    offend(home);
    home.effects.length = 0;
    home.pass(10_000);
    expect(readings()).toBe(5);
  });
});

test('the status counts whom the guard holds: nobody where it only observes, nor while it is paused', () => {
  const held = (home: World) => home.ask('status');
  const home = world();
  offend(home);
  expect(held(home)).toMatchObject({ data: { devices_held: 1, incidents_open: 1 } });
  home.ask('pause', { for: '10m' });
  expect(held(home)).toMatchObject({ data: { devices_held: 0, incidents_open: 1 } });
  home.ask('resume');
  expect(held(home)).toMatchObject({ data: { devices_held: 1 } });
  const observed = world({ mode: 'observe' });
  offend(observed);
  expect(held(observed)).toMatchObject({ data: { devices_held: 0, incidents_open: 1 } });
});
