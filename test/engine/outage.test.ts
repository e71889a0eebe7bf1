import { describe, expect, test } from 'vitest';
import { knownRelays } from '../../daemon/detection/known.ts';
import { messagesInDay } from '../../daemon/detection/volume.ts';
import { answer, delivered, lineOf } from './line.ts';
import {
  codes,
  first,
  judged,
  recordOf,
  relay,
  relays,
  retry,
  scoreOf,
  second,
  third,
} from './outage-home.ts';
import { keyOf, laptop, servers, stateOf, tv, world } from './world.ts';

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
    expect(home.effects[told - 1]).toEqual({ type: 'read', sets: ['attempts'], maxAgeMs: 0 });
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
