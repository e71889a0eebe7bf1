import { describe, expect, test } from 'vitest';
import {
  all,
  at,
  behindExtender,
  deliver,
  documentOf,
  extender,
  holdOf,
  inside,
  neighbours,
  spam,
} from './behind.ts';
import { lineOf } from './line.ts';
import { keyOf, mac, servers, tv, type World, world } from './world.ts';

/** A connection to one of the servers that completes its handshake. */
function establish(home: World, src: string, server: number): void {
  open(home, src, servers[server] ?? '');
}

function open(home: World, src: string, server: string): void {
  const flow = home.open(src, server);
  home.give({ type: 'flow', flow: { ...flow, kind: 'update', replied: true, assured: true } });
}

/** Each address to a server of its own. */
function openEach(home: World, addresses: readonly string[], from = 0): void {
  for (const [index, address] of addresses.entries()) home.open(address, servers[from + index] ?? '');
}

describe('a bot that gives itself many addresses', () => {
  const addresses = Array.from({ length: 40 }, (_, index) => `192.168.1.${60 + index}`);

  test('is held by its MAC at the third that is under suspicion, and no further address helps', () => {
    const home = world();
    neighbours(home, addresses);
    for (const [index, address] of addresses.entries()) {
      const flow = home.open(address, servers[index] ?? '');
      home.give({ type: 'flow', flow: { ...flow, kind: 'update', replied: true, assured: true } });
      if (index === 1) expect(home.ruleset()?.restricted ?? []).toEqual([]);
      if (index === 2) expect(home.ruleset()?.restricted.map(({ key }) => key)).toEqual([keyOf(extender)]);
    }
    expect(holdOf(home, keyOf(extender))).toBe('restricted');
    // Sixteen at most are told apart; all others are the MAC's own.
    expect(home.state.directory.carriers.get(keyOf(extender))?.hosts.size).toBe(16);
    expect(at(home, addresses[30] ?? '')).toBeUndefined();
  });

  test('an honest device behind the same MAC does not bring the others’ ban back', () => {
    const home = behindExtender();
    openEach(home, [inside.camera, inside.phone, inside.tablet]);
    expect(holdOf(home, keyOf(extender))).toBe('restricted');
    home.pass(700_000);
    neighbours(home, all);
    expect(holdOf(home, keyOf(extender))).toBeUndefined();
    deliver(home, inside.laptop, '33.40.4.25');
    expect(holdOf(home, keyOf(extender))).toBeUndefined();
    home.open(inside.camera, servers[3] ?? '');
    expect(holdOf(home, inside.camera)).toBe('restricted');
  });

  test('a household that meets one new relay is none, unless it is more than a household or mails everybody’s mailboxes', () => {
    const home = world();
    neighbours(home, addresses);
    for (const address of addresses.slice(0, 6)) establish(home, address, 0);
    expect(holdOf(home, keyOf(extender))).toBeUndefined();
    establish(home, addresses[6] ?? '', 0);
    expect(holdOf(home, keyOf(extender))).toBe('restricted');

    const mailboxes = world();
    neighbours(mailboxes, addresses);
    for (const address of addresses.slice(0, 3)) mailboxes.open(address, '142.250.27.26');
    expect(holdOf(mailboxes, keyOf(extender))).toBe('restricted');
  });

  test('who releases the MAC clears all behind it', () => {
    const home = behindExtender();
    openEach(home, [inside.camera, inside.phone, inside.tablet]);
    home.ask('release', { device: extender.mac, for: '10m' });
    home.pass(601_000);
    neighbours(home, all);
    home.open(inside.laptop, servers[0] ?? '');
    expect(holdOf(home, keyOf(extender))).toBeUndefined();
  });

  test('it is held with what it did before it took them: the MAC itself is one of the three', () => {
    const home = world();
    neighbours(home, addresses.slice(0, 1));
    home.open(addresses[0] ?? '', servers[0] ?? '');
    neighbours(home, addresses);
    home.open(addresses[1] ?? '', servers[1] ?? '');
    expect(holdOf(home, keyOf(extender))).toBeUndefined();
    home.open(addresses[2] ?? '', servers[2] ?? '');
    expect(holdOf(home, keyOf(extender))).toBe('restricted');
  });

  test('held so, none of it goes on but mail to a relay that one of them knows; nothing new is learned', () => {
    const home = behindExtender();
    deliver(home, inside.laptop, '33.40.4.25');
    const strange = home.open(inside.laptop, '99.40.4.25', 587);
    const usual = home.open(inside.laptop, '33.40.4.25', 587);
    for (const [index, address] of [inside.camera, inside.phone, inside.tablet].entries())
      establish(home, address, index);
    expect(home.ruleset()?.cuts.map(({ sport }) => sport)).toContain(strange.sport);
    expect(home.ruleset()?.cuts.map(({ sport }) => sport)).not.toContain(usual.sport);
    expect(documentOf(home, inside.laptop)).toMatchObject({ state: 'restricted', score: 0 });
    // One that was on its way: cut, no evidence, no relay.
    const late = home.open(inside.tablet, '98.40.4.25', 587);
    expect(home.ruleset()?.cuts.map(({ sport }) => sport)).toContain(late.sport);
    deliver(home, inside.tablet, '97.40.4.25');
    expect(documentOf(home, inside.tablet).relays).toEqual([]);
    const { ban } = at(home, keyOf(extender)) ?? {};
    expect(ban).toMatchObject({ origin: 'auto', provisional: false });
  });

  test('it does not use up the bans that others need', () => {
    const home = world();
    neighbours(home, addresses);
    for (let round = 0; round < 4; round++) for (const address of addresses) establish(home, address, round);
    expect(home.ruleset()?.restricted.length).toBe(1);
    for (const server of servers.slice(0, 3)) open(home, tv.address, server);
    expect(holdOf(home, keyOf(tv))).toBe('blocked');
  });

  test('SYNs alone, which a neighbour can forge with any address, hold it for ten minutes', () => {
    const home = behindExtender();
    // They mail, and one of them may have been spoken for by a handshake.
    deliver(home, inside.laptop, '33.40.4.25');
    establish(home, inside.laptop, 0);
    openEach(home, [inside.camera, inside.phone], 1);
    const { ban } = at(home, keyOf(extender)) ?? {};
    expect(ban).toMatchObject({ hold: 'restricted', provisional: true, endMs: home.nowMs + 600_000 });
  });

  test('a ban that an outage made of three phones’ retries is taken back with what it rests on', () => {
    const home = behindExtender();
    const line = lineOf(home);
    line.works = false;
    openEach(home, [inside.camera, inside.phone, inside.tablet]);
    expect(holdOf(home, keyOf(extender))).toBe('restricted');
    line.pass(15_000);
    expect(home.state.conditions.has('wan_down')).toBe(true);
    expect(holdOf(home, keyOf(extender))).toBeUndefined();
  });

  test('ten thousand addresses of one MAC: sixteen are told apart, and an extender’s own are as before', () => {
    const home = behindExtender();
    deliver(home, inside.phone, '33.40.4.25');
    const hostile = mac('32:00:00:00:02:01');
    for (let from = 0; from < 10_000; from += 500) {
      const some = Array.from(
        { length: 500 },
        (_, index) => `10.${20 + (from >> 12)}.${((from + index) >> 4) & 255}.${(from + index) & 255}`,
      );
      neighbours(home, some, hostile);
      for (const address of some.slice(0, 20)) establish(home, address, from % 50);
      for (const list of [home.effects, home.inputs]) list.length = 0;
    }
    const { carriers, claims } = home.state.directory;
    expect(carriers.get(keyOf({ mac: hostile }))?.hosts.size).toBe(16);
    expect(claims.size).toBeLessThanOrEqual(2048);
    for (const address of all) expect(claims.has(address)).toBe(true);
    expect(home.state.records.size).toBeLessThan(40);
    expect([...home.state.records.values()].filter(({ ban }) => ban).map(({ key }) => key)).toEqual([
      keyOf({ mac: hostile }),
    ]);
    spam(home, inside.camera, 4);
    expect([holdOf(home, inside.camera), holdOf(home, inside.phone)]).toEqual(['blocked', undefined]);
    expect(at(home, keyOf(extender))).toBeUndefined();
  });

  test('of a hundred such MACs 64 are told apart, and memory keeps its bound', () => {
    const home = world();
    for (let index = 0; index < 100; index++) {
      const owner = mac(`32:00:00:00:01:${index.toString(16).padStart(2, '0')}`);
      const three = [1, 2, 3].map((host) => `10.9.${index}.${host}`);
      neighbours(home, three, owner);
    }
    expect(home.state.directory.carriers.size).toBe(64);
  });
});
