import { describe, expect, test } from 'vitest';
import { knownRelays } from '../../daemon/detection/known.ts';
import { scoreAt } from '../../daemon/detection/profile.ts';
import { messagesInDay } from '../../daemon/detection/volume.ts';
import type { DeviceRecord } from '../../daemon/engine/device-record.ts';
import type { StatusDocument } from '../../daemon/engine/documents.ts';
import { maxUnproven } from '../../daemon/engine/upstream.ts';
import { answer, delivered, type Line, lineOf } from './line.ts';
import { keyOf, laptop, servers, stateOf, tv, type World, world } from './world.ts';

const relays = servers.slice(20, 32);
const [first = '', second = '', third = ''] = servers;
const [relay = ''] = relays;

function recordOf(home: World, device: typeof tv): DeviceRecord {
  const record = home.state.records.get(keyOf(device));
  if (!record) throw new Error('no record');
  return record;
}

const codes = (home: World) => {
  const answered = home.ask('status');
  return answered.ok ? (answered.data as StatusDocument).degraded.map(({ code }) => code) : [];
};

/** Everything that evidence changes, as of now. */
function judged(home: World, device: typeof tv): unknown {
  const { profile, ban, history, incident } = recordOf(home, device);
  const { volume: _, score: __, scoredAtMs: ___, ...rest } = profile;
  return { ...structuredClone(rest), ban, history, incident };
}
const scoreOf = (home: World, device: typeof tv) => scoreAt(recordOf(home, device).profile, home.nowMs);

/** A phone that looks for its mail: each of the relays in turn, one every so often. */
function retry(home: World, line: Line, list: readonly string[], rounds: number, everyMs: number): void {
  for (let round = 0; round < rounds; round++) {
    for (const server of list) {
      home.open(laptop.address, server, 587);
      line.pass(everyMs);
    }
  }
}

describe('while nothing arrives from upstream', () => {
  test('a phone with 12 accounts retries for an hour: nothing is held, and its score is what it was', () => {
    const home = world();
    const line = lineOf(home);
    delivered(home, line, home.open(laptop.address, relay, 587));
    line.pass(60_000);
    home.open(laptop.address, relays[1] ?? '', 587);
    line.pass(60_000);
    const before = judged(home, laptop);
    const score = scoreOf(home, laptop);
    expect(score).toBeGreaterThan(1);
    line.works = false;
    retry(home, line, relays, 60, 5000);
    expect(codes(home)).toContain('wan_down');
    expect(judged(home, laptop)).toEqual(before);
    line.works = true;
    line.pass(120_000);
    expect(codes(home)).not.toContain('wan_down');
    expect(judged(home, laptop)).toEqual(before);
    // Only time went by: 3 s short of an hour and a bit.
    expect(scoreOf(home, laptop)).toBeCloseTo(score * 2 ** (-3_720 / (14 * 86_400)), 9);
    expect(home.events()).toEqual([]);
    expect(home.ruleset()?.restricted ?? []).toEqual([]);
  });

  test('without the gate the same phone is restricted', () => {
    const home = world();
    const line = lineOf(home);
    line.works = false;
    line.readable = false;
    line.pass(60_000);
    retry(home, line, relays, 3, 5000);
    expect(stateOf(home, laptop)).toBeDefined();
  });

  test('what the first seconds did is undone: the ban with its incident, groups, history; and told', () => {
    const home = world();
    const line = lineOf(home);
    // It completed a handshake, so that a ban would be a whole one, and part of its history.
    delivered(home, line, home.open(tv.address, relay, 587));
    home.open(tv.address, third, 587);
    line.pass(60_000);
    const before = judged(home, tv);
    const score = scoreOf(home, tv);
    line.works = false;
    home.open(tv.address, first);
    line.pass(3000);
    home.open(tv.address, second);
    expect(recordOf(home, tv).history.level).toBe(1);
    line.pass(6000);
    expect(stateOf(home, tv)).toBe('restricted');
    line.pass(4000);
    expect(judged(home, tv)).toEqual(before);
    expect(scoreOf(home, tv)).toBeCloseTo(score, 4);
    expect(home.ruleset()).toMatchObject({ restricted: [], cuts: [] });
    expect(home.events()).toEqual(['opened', 'restricted', 'released', 'closed']);
    const texts = home.effects.flatMap((effect) => (effect.type === 'event' ? [effect.document.text] : []));
    expect(texts[2]).toContain('The internet was down');
    const told = home.effects.findIndex(
      (effect) => effect.type === 'event' && effect.document.type === 'released',
    );
    expect(home.effects[told - 1]).toEqual({ type: 'read', sets: ['attempts'] });
    expect(recordOf(home, tv).evidence.at(-1)).toMatch(
      /the internet was down: nothing since \d\d-\d\d \d\d:\d\d:\d\d counts \(\d\.\d\)$/,
    );
  });

  test('a hold of before stays; only what made it stronger is undone', () => {
    const home = world();
    const line = lineOf(home);
    for (const server of [first, second]) answer(home, home.open(tv.address, server));
    home.give({
      type: 'flow',
      flow: { ...home.open(tv.address, first), kind: 'update', replied: true, assured: true },
    });
    expect(stateOf(home, tv)).toBe('restricted');
    line.pass(60_000);
    line.works = false;
    for (const server of servers.slice(2, 5)) home.open(tv.address, server);
    expect(stateOf(home, tv)).toBe('blocked');
    line.pass(13_000);
    expect(stateOf(home, tv)).toBe('restricted');
    expect(home.events().slice(-1)).toEqual(['released']);
    expect(recordOf(home, tv).incident).toBeDefined();
  });

  test('what a person held or released meanwhile is as the person said', () => {
    const home = world();
    const line = lineOf(home);
    home.open(laptop.address, third, 587);
    line.pass(30_000);
    line.works = false;
    for (const server of [first, second]) for (const one of [tv, laptop]) home.open(one.address, server);
    home.ask('block', { device: tv.mac });
    home.ask('release', { device: laptop.mac });
    line.pass(13_000);
    expect(codes(home)).toContain('wan_down');
    expect(stateOf(home, tv)).toBe('blocked');
    expect(scoreOf(home, laptop)).toBe(0);
  });

  test('contacts that something arrived after stay, those after the last arrival go', () => {
    const home = world();
    const line = lineOf(home);
    home.open(tv.address, first, 587);
    line.pass(2000);
    line.works = false;
    const score = scoreOf(home, tv);
    expect(score).toBeGreaterThan(0);
    // One contact after the other, so that one is always unproven.
    for (const server of servers.slice(1, 4)) {
      home.open(tv.address, server, 587);
      line.pass(2000);
    }
    expect(scoreOf(home, tv)).toBeGreaterThan(score);
    line.pass(8000);
    expect(scoreOf(home, tv)).toBeCloseTo(score, 4);
    expect([...recordOf(home, tv).profile.groups.keys()]).toEqual(['11.40.0.0/16']);
  });

  test.each([5, 6, 7])('an unbroken row of contacts loses exactly those of the outage (%i)', (count) => {
    const home = world();
    const line = lineOf(home);
    const scores: number[] = [];
    line.pass(500);
    for (const server of servers.slice(0, count + 3)) {
      home.open(tv.address, server, 587);
      scores.push(scoreOf(home, tv));
      line.works = scores.length < count;
      line.pass(1000);
    }
    line.pass(12_000);
    // One more came in the second of the last arrival: nobody can tell which was first, and it goes.
    expect(scoreOf(home, tv)).toBeCloseTo(scores[count - 3] ?? 0, 4);
    expect(recordOf(home, tv).profile.groups.size).toBe(count - 2);
  });

  test('an outage begins with the link, without waiting', () => {
    const home = world();
    const line = lineOf(home);
    home.open(tv.address, first);
    home.give({ type: 'upstream', linked: false, arrivals: line.arrivals });
    expect(scoreOf(home, tv)).toBe(0);
    expect(codes(home)).toContain('wan_down');
    home.open(tv.address, second);
    expect(scoreOf(home, tv)).toBe(0);
    line.works = false;
    // The link alone is no sign that the line works.
    home.give({ type: 'upstream', linked: true, arrivals: line.arrivals });
    line.pass(6000);
    expect(codes(home)).toContain('wan_down');
    line.works = true;
    line.pass(6000);
    expect(codes(home)).not.toContain('wan_down');
  });

  test('"no service" is said of a server only once somebody else was served', () => {
    const home = world();
    const line = lineOf(home);
    home.open(laptop.address, first, 587);
    const contact = scoreOf(home, laptop);
    line.works = false;
    line.pass(9000);
    line.works = true;
    line.pass(2000);
    expect(scoreOf(home, laptop)).toBeGreaterThan(contact + 1);
    home.open(laptop.address, second, 587);
    line.works = false;
    line.pass(30_000);
    line.works = true;
    line.pass(30_000);
    expect(recordOf(home, laptop).profile.volume.habit.failures).toBe(1);
    expect(recordOf(home, laptop).evidence.filter((text) => text.includes('no answer'))).toHaveLength(1);
  });

  test('a device known by its address alone loses it too when its MAC is told', () => {
    const home = world();
    const line = lineOf(home);
    const address = '192.168.1.99';
    home.open(tv.address, third, 587);
    home.open(address, relay, 587);
    line.pass(5000);
    const [own, gathered] = [scoreOf(home, tv), home.state.records.get(address as never)?.profile.score ?? 0];
    expect(gathered).toBeGreaterThan(0);
    line.works = false;
    home.give({ type: 'flow', flow: { ...home.open(address, first, 587), kind: 'new' } });
    line.pass(1000);
    home.give({
      type: 'neighbours',
      neighbours: [{ mac: tv.mac, address, interface: 'br-lan', fresh: true }],
    });
    expect(scoreOf(home, tv)).toBeGreaterThan(own + gathered + 0.1);
    line.pass(14_000);
    expect(codes(home)).toContain('wan_down');
    expect(scoreOf(home, tv)).toBeCloseTo(own + gathered, 4);
    expect(recordOf(home, tv).profile.groups.size).toBe(2);
  });

  test('how sessions end that it cut says nothing; what they sent is counted, and what they proved before stays', () => {
    const home = world();
    const line = lineOf(home);
    const [short, long] = [first, relay].map((server) => home.open(tv.address, server, 587));
    const open = { replied: true, assured: true, tcpState: 'ESTABLISHED' };
    for (const flow of [short, long])
      if (flow) home.give({ type: 'flow', flow: { ...flow, ...open, kind: 'update' } });
    line.pass(20_000);
    line.works = false;
    const score = scoreOf(home, tv);
    home.open(tv.address, second, 587);
    const counters = { out: { packets: 60, bytes: 9000 }, back: { packets: 60, bytes: 5000 } };
    if (long) home.give({ type: 'flow', flow: { ...long, ...open, ...counters, kind: 'row' } });
    line.pass(13_000);
    const few = { out: { packets: 4, bytes: 300 }, back: { packets: 4, bytes: 300 } };
    if (short)
      home.give({ type: 'flow', flow: { ...short, ...few, kind: 'destroy', replied: true, assured: true } });
    expect(scoreOf(home, tv)).toBeCloseTo(score, 4);
    const { profile } = recordOf(home, tv);
    expect(messagesInDay(profile.volume, home.nowMs)).toBeGreaterThan(3);
    expect(knownRelays(profile).map(({ group }) => group)).toEqual(['31.40.0.0/16']);
  });

  test('nothing that was refused meanwhile is told or counts', () => {
    const home = world();
    const line = lineOf(home);
    home.give({ type: 'upstream', linked: false, arrivals: line.arrivals });
    const attempts = [{ key: keyOf(tv), dst: first, port: 25 as const, attempts: 9 }];
    const reading = { attempts, overruns: [{ key: keyOf(laptop), packets: 30 }], full: [] };
    home.give({ type: 'sets', reading });
    expect(home.events()).toEqual([]);
    expect(scoreOf(home, tv)).toBe(0);
    home.give({ type: 'upstream', linked: true, arrivals: line.arrivals + 1 });
    home.give({ type: 'sets', reading });
    expect(home.events()).toEqual([]);
    expect(recordOf(home, tv)).toMatchObject({ refused: 9 });
  });
});

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
