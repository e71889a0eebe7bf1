import { describe, expect, test } from 'vitest';
import type { DeviceKey } from '../../daemon/address/device-key.ts';
import { knownRelays } from '../../daemon/detection/known.ts';
import { scoreAt } from '../../daemon/detection/profile.ts';
import type { DeviceRecord } from '../../daemon/engine/device-record.ts';
import { answer } from './line.ts';
import { keyOf, laptop, servers, stateOf, tv, type World, world } from './world.ts';

const [first = '', second = '', third = ''] = servers;
const row = (device: typeof tv, address: string) => ({
  ...{ mac: device.mac, address, interface: 'br-lan', fresh: true },
});
const at = (home: World, key: DeviceKey | string): DeviceRecord => {
  const record = home.state.records.get(key as DeviceKey);
  if (!record) throw new Error(`no record of ${key}`);
  return record;
};
const scoreOf = (home: World, key: DeviceKey | string) => scoreAt(at(home, key).profile, home.nowMs);

/** A session that ends with these counters. */
function deliver(home: World, src: string, server: string): void {
  const flow = home.open(src, server, 587);
  answer(home, flow);
  const counters = { out: { packets: 25, bytes: 3600 }, back: { packets: 23, bytes: 2400 } };
  home.give({ type: 'flow', flow: { ...flow, ...counters, kind: 'destroy', replied: true, assured: true } });
}

describe('whose it is', () => {
  test('a new lease: the score stays with the MAC that earned it, and the address is the next one’s', () => {
    const home = world();
    home.open(tv.address, first);
    const score = scoreOf(home, keyOf(tv));
    expect(score).toBeGreaterThan(3);
    home.pass(300_000);
    // The lease ran out; the laptop gets the address, the TV another one.
    home.give({
      type: 'leases',
      leases: [
        { mac: laptop.mac, address: tv.address },
        { mac: tv.mac, address: '192.168.1.77' },
      ],
    });
    home.give({ type: 'neighbours', neighbours: [row(laptop, tv.address), row(tv, '192.168.1.77')] });
    home.open(tv.address, second);
    expect([stateOf(home, tv), stateOf(home, laptop)]).toEqual([undefined, undefined]);
    expect(scoreOf(home, keyOf(laptop))).toBeCloseTo(score, 2);
    home.open('192.168.1.77', second);
    expect([stateOf(home, tv), stateOf(home, laptop)]).toEqual(['restricted', undefined]);
  });

  test('a held device that gets another address is held there, by its MAC', () => {
    const home = world();
    for (const server of [first, second]) home.open(tv.address, server);
    home.give({ type: 'neighbours', neighbours: [row(tv, '192.168.1.77'), row(laptop, tv.address)] });
    expect(home.ruleset()?.restricted.map(({ key }) => key)).toEqual([keyOf(tv)]);
    home.open('192.168.1.77', third);
    expect(at(home, keyOf(tv)).profile.groups.size).toBe(3);
    expect(home.state.records.has(keyOf(laptop))).toBe(false);
  });

  test('privacy addresses: score and relays go with the MAC from one to the next, over both families', () => {
    const home = world();
    const addresses = Array.from({ length: 8 }, (_, index) => `2001:db8:1::${(0xa000 + index).toString(16)}`);
    home.give({ type: 'neighbours', neighbours: addresses.map((address) => row(tv, address)) });
    deliver(home, addresses[0] ?? '', '3fff:50::25');
    deliver(home, tv.address, '33.40.4.25');
    expect(knownRelays(at(home, keyOf(tv)).profile)).toHaveLength(2);
    const before = scoreOf(home, keyOf(tv));
    deliver(home, addresses[1] ?? '', '3fff:50::26');
    expect(scoreOf(home, keyOf(tv))).toBeLessThanOrEqual(before);
    expect(knownRelays(at(home, keyOf(tv)).profile)).toHaveLength(2);
    for (const [index, address] of addresses.slice(2, 5).entries())
      home.open(address, `3fff:${60 + index}::25`);
    expect(stateOf(home, tv)).toBe('blocked');
    expect([...home.state.records.keys()]).toEqual([keyOf(tv)]);
  });

  test('an address whose MAC comes late is kept by itself, and is the MAC’s if that comes within a minute', () => {
    const home = world();
    home.open(tv.address, third, 587);
    const own = scoreOf(home, keyOf(tv));
    home.open('192.168.1.99', first);
    home.pass(1000);
    expect(home.state.records.has('192.168.1.99' as DeviceKey)).toBe(true);
    home.pass(57_000);
    home.give({ type: 'neighbours', neighbours: [row(tv, '192.168.1.99')] });
    expect(home.state.records.has('192.168.1.99' as DeviceKey)).toBe(false);
    expect(scoreOf(home, keyOf(tv))).toBeCloseTo(own + Math.log(0.3 / 0.01), 3);
    expect(at(home, keyOf(tv)).connections).toBe(2);
  });

  test('later than that nobody can say whose it was: it stays by itself', () => {
    const home = world();
    home.open(tv.address, third, 587);
    const own = scoreOf(home, keyOf(tv));
    home.open('192.168.1.99', first);
    home.pass(62_000);
    home.give({ type: 'neighbours', neighbours: [row(tv, '192.168.1.99')] });
    expect(scoreOf(home, keyOf(tv))).toBeCloseTo(own, 3);
    expect(scoreOf(home, '192.168.1.99')).toBeGreaterThan(3);
    // From now on it is the TV's.
    home.open('192.168.1.99', second);
    expect(scoreOf(home, keyOf(tv))).toBeGreaterThan(3);
  });

  test('a hairpin is no mail that leaves, whichever way the router tells of it', () => {
    const home = world();
    for (const server of [first, second, third]) {
      home.open(laptop.address, '203.0.113.2', 25, { replySrc: '192.168.1.25' });
      home.open(laptop.address6, '2001:db8:1::1', 25);
      // Redirected by a rule of the owner's: the answer comes from within.
      home.open(laptop.address, server, 25, { replySrc: '192.168.1.25' });
    }
    expect(home.state.records.size).toBe(0);
  });
});

describe('events that were lost', () => {
  const ports = [25, 465, 587, 2525] as const;
  const lossy = () => {
    const home = world();
    home.give({ type: 'condition', reason: 'other_listener', on: false });
    home.effects.length = 0;
    return home;
  };

  test('an answer that may be among them is waited for: a listing tells', () => {
    const home = lossy();
    const flows = [first, second].map((server) => home.open(tv.address, server, 587));
    const score = scoreOf(home, keyOf(tv));
    home.pass(9000);
    home.give({ type: 'gap', reason: 'enobufs' });
    expect(home.effects).toContainEqual({ type: 'list', ports, all: true });
    home.pass(2000);
    expect(scoreOf(home, keyOf(tv))).toBeCloseTo(score, 3);
    const [served, silent] = flows;
    if (!served || !silent) throw new Error('no flows');
    const rows = [
      { ...served, kind: 'row' as const, replied: true, assured: true, tcpState: 'ESTABLISHED' },
      { ...silent, kind: 'row' as const, tcpState: 'SYN_SENT' },
    ];
    home.give({ type: 'flows', flows: rows, complete: true, ports });
    home.pass(1000);
    // ln(.40 / .06) for the one that nobody answered.
    expect(scoreOf(home, keyOf(tv))).toBeCloseTo(score + Math.log(0.4 / 0.06), 3);
  });

  test('a flow whose end was lost has no outcome', () => {
    const home = lossy();
    const few = { out: { packets: 4, bytes: 300 }, back: { packets: 4, bytes: 300 } };
    const flow = home.open(tv.address, first, 587);
    const open = { ...flow, ...few, replied: true, assured: true, tcpState: 'ESTABLISHED' };
    home.give({ type: 'flow', flow: { ...open, kind: 'update' } });
    home.give({ type: 'flows', flows: [{ ...open, kind: 'row' }], complete: true, ports });
    const score = scoreOf(home, keyOf(tv));
    home.give({ type: 'gap', reason: 'exit' });
    home.pass(20_000);
    home.give({ type: 'flows', flows: [], complete: true, ports });
    expect(home.state.flows.live.size).toBe(0);
    expect(scoreOf(home, keyOf(tv))).toBeCloseTo(score, 4);
    expect(at(home, keyOf(tv)).profile.volume.habit).toMatchObject({ sessions: 0 });
    // The same counters, told by an event, are a failure.
    const other = home.open(tv.address, second, 587);
    home.give({ type: 'flow', flow: { ...other, ...few, kind: 'destroy', replied: true, assured: true } });
    expect(at(home, keyOf(tv)).profile.volume.habit).toMatchObject({ sessions: 1, failures: 1 });
    // And a retry says nothing.
    const retry = home.open(tv.address, second, 587);
    home.give({ type: 'flow', flow: { ...retry, ...few, kind: 'destroy', replied: true, assured: true } });
    expect(at(home, keyOf(tv)).profile.volume.habit).toMatchObject({ sessions: 2, failures: 1 });
  });

  test('what began and ended unheard is a connection of which nothing is known, and no evidence', () => {
    const home = lossy();
    home.open(tv.address, first, 587);
    const score = scoreOf(home, keyOf(tv));
    const ledger = [{ network: 'lan', key: keyOf(tv), src: tv.address, port: 25 as const, connections: 7 }];
    home.give({ type: 'gap', reason: 'enobufs' });
    for (let reading = 0; reading < 2; reading++) {
      home.pass(4000);
      home.give({ type: 'sets', reading: { ledger, attempts: [], overruns: [], full: [] } });
    }
    expect(at(home, keyOf(tv))).toMatchObject({ connections: 1, withoutEvent: 7 });
    expect(scoreOf(home, keyOf(tv))).toBeCloseTo(score, 3);
  });
});
