import { describe, expect, test } from 'vitest';
import { maxUnproven } from '../../daemon/engine/upstream.ts';
import { answer, delivered, lineOf } from './line.ts';
import { codes, first, recordOf, relay, scoreOf, second, third } from './outage-home.ts';
import { keyOf, laptop, servers, stateOf, tv, world } from './world.ts';

describe('nobody at home closes the gate to his own good', () => {
  test('where the provider drops port 25 a bot is caught as ever, since others are answered', () => {
    const home = world();
    const line = lineOf(home);
    for (const server of servers.slice(0, 6)) {
      home.open(tv.address, server);
      line.pass(15_000);
    }
    expect(stateOf(home, tv)).toBe('blocked');
    expect(home.events()).not.toContain('released');
    expect(codes(home)).not.toContain('wan_down');
  });

  test('in a home where all else sleeps the router asks for itself, and the answer proves the line', () => {
    const home = world();
    const line = lineOf(home);
    line.isBusy = false;
    for (const server of servers.slice(0, 6)) {
      home.open(tv.address, server);
      line.pass(15_000);
    }
    expect(stateOf(home, tv)).toBe('blocked');
    expect(codes(home)).not.toContain('wan_down');
    expect(line.probes).toBe(6);
  });

  test('behind a closed gate the first answer counts at once, and every further contact', () => {
    const home = world();
    const line = lineOf(home);
    Object.assign(line, { isBusy: false, answersProbes: false });
    home.open(tv.address, third);
    line.pass(13_000);
    expect(codes(home)).toContain('wan_down');
    expect(scoreOf(home, tv)).toBe(0);
    const flows = [first, second].map((server) => home.open(tv.address, server));
    expect(stateOf(home, tv)).toBeUndefined();
    for (const flow of flows) answer(home, flow);
    expect(stateOf(home, tv)).toBe('restricted');
    expect(home.ruleset()?.cuts.map(({ dst }) => dst)).toEqual([third, first, second]);
    expect(codes(home)).not.toContain('wan_down');
    expect(home.events()).toEqual(['opened', 'restricted']);
    // An answer to what was taken back counts as well.
    expect(recordOf(home, tv).profile.groups.size).toBe(2);
  });

  test('where events do not tell of answers, a listing is asked for when the gate opens, and counts', () => {
    const home = world();
    const line = lineOf(home);
    home.give({ type: 'condition', reason: 'other_listener', on: true });
    Object.assign(line, { isBusy: false, answersProbes: false });
    home.open(tv.address, third);
    line.pass(13_000);
    const flows = [first, second].map((server) => home.open(tv.address, server));
    line.arrivals += 2;
    home.effects.length = 0;
    line.pass(6000);
    expect(home.effects).toContainEqual({ type: 'list', ports: [25, 465, 587, 2525], all: true });
    const rows = flows.map((flow) => ({ ...flow, kind: 'row' as const, replied: true, assured: true }));
    home.give({ type: 'flows', flows: rows, complete: true, ports: [25, 465, 587, 2525] });
    expect(stateOf(home, tv)).toBe('restricted');
  });

  test('mail within the home is no answer from outside, and refused attempts are nothing that left', () => {
    const home = world();
    const line = lineOf(home);
    Object.assign(line, { works: false });
    home.ask('restrict', { device: tv.mac });
    for (let count = 1; count <= 30; count++) {
      const attempts = [{ key: keyOf(tv), dst: first, port: 25 as const, attempts: count }];
      home.give({ type: 'sets', reading: { attempts, overruns: [], full: [] } });
      line.pass(2000);
    }
    expect(codes(home)).not.toContain('wan_down');
    expect(scoreOf(home, tv)).toBeGreaterThan(3);
    home.open(laptop.address, second, 587);
    line.pass(5000);
    answer(home, home.open('10.8.0.40', '192.168.1.25', 587));
    line.pass(8000);
    expect(codes(home)).toContain('wan_down');
  });

  test('a counter that cannot be read, or never moved, closes nothing', () => {
    for (const broken of [{ readable: false }, { arrivals: 0 }]) {
      const home = world();
      const line = lineOf(home);
      Object.assign(home.state.upstream, { arrivals: undefined });
      Object.assign(line, { works: false, readings: 0, ...broken });
      line.pass(20_000);
      for (const server of [first, second]) home.open(tv.address, server);
      line.pass(60_000);
      expect(stateOf(home, tv)).toBe('restricted');
      expect(codes(home)).not.toContain('wan_down');
      // It is looked for all the same.
      expect(line.readings).toBe(8);
    }
  });

  test('what stands still counts from a reading on: none for a while is no outage', () => {
    const home = world();
    const line = lineOf(home);
    line.readable = false;
    home.open(tv.address, first);
    line.pass(15_000);
    line.readable = true;
    line.pass(2000);
    expect(codes(home)).not.toContain('wan_down');
    expect(scoreOf(home, tv)).toBeGreaterThan(3);
  });

  test('a late answer opens no gate behind which there is no link', () => {
    const home = world();
    const line = lineOf(home);
    const flow = home.open(tv.address, first, 587);
    home.give({ type: 'upstream', linked: false, arrivals: line.arrivals });
    answer(home, flow);
    expect(codes(home)).toContain('wan_down');
    expect(scoreOf(home, tv)).toBeGreaterThan(0);
  });

  test('a gate whose counter is lost opens again', () => {
    const home = world();
    const line = lineOf(home);
    line.works = false;
    home.open(tv.address, first);
    line.pass(13_000);
    expect(codes(home)).toContain('wan_down');
    line.readable = false;
    line.pass(160_000);
    expect(codes(home)).not.toContain('wan_down');
    for (const server of [first, second]) home.open(tv.address, server);
    expect(stateOf(home, tv)).toBe('restricted');
  });
});

describe('what the gate costs', () => {
  test('an answered mail, and a home without mail, cost no reading', () => {
    const home = world();
    const line = lineOf(home);
    line.readings = 0;
    line.pass(600_000);
    for (let mail = 0; mail < 20; mail++) {
      delivered(home, line, home.open(laptop.address, relay, 587));
      line.pass(30_000);
    }
    expect(line.readings).toBe(0);
    home.open(laptop.address, first, 587);
    line.pass(60_000);
    expect(line.readings).toBe(2);
  });

  test('in an outage without mail one reading every 5 s and one question a minute', () => {
    const home = world();
    const line = lineOf(home);
    line.works = false;
    home.open(laptop.address, first, 587);
    line.pass(13_000);
    Object.assign(line, { readings: 0, probes: 0 });
    line.pass(600_000);
    expect(line.readings).toBe(120);
    expect(line.probes).toBe(10);
    home.give({ type: 'upstream', linked: false });
    Object.assign(line, { readings: 0, probes: 0 });
    line.pass(600_000);
    expect([line.readings, line.probes]).toEqual([0, 0]);
  });

  test('memory is bounded, whoever makes contacts', () => {
    const home = world();
    const line = lineOf(home);
    line.works = false;
    for (let host = 1; host <= 100; host++)
      for (const server of servers.slice(0, 20)) home.open(`10.8.0.${host}`, server);
    expect(home.state.upstream.unproven.size).toBe(maxUnproven);
    const held = [...home.state.records.values()].map(({ unproven }) => unproven.length);
    expect(Math.max(...held)).toBeLessThanOrEqual(2);
    expect(held.reduce((sum, count) => sum + count, 0)).toBe(maxUnproven);
    line.pass(13_000);
    expect(home.state.upstream.unproven.size).toBe(0);
  });
});
