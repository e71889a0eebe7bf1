import { describe, expect, test } from 'vitest';
import { type DeviceKey, parseDeviceKey } from '../../daemon/address/device-key.ts';
import type { FlowEvent } from '../../daemon/conntrack/flow.ts';
import { keyOf, laptop, servers, stateOf, tv, type World, world } from './world.ts';

const [first = '', second = '', third = ''] = servers;

/** Devices that nobody knows, by invented MACs. */
const invented = (count: number): DeviceKey[] =>
  Array.from({ length: count }, (_, index) => {
    const key = parseDeviceKey(`02aa00${index.toString(16).padStart(6, '0')}`);
    if (!key) throw new Error('no key');
    return key;
  });

/** The last packet of the handshake. */
function establish(home: World, flow: FlowEvent): void {
  home.give({
    type: 'flow',
    flow: { ...flow, kind: 'update', replied: true, assured: true, tcpState: 'ESTABLISHED' },
  });
}

describe('what anybody on the network can forge', () => {
  test('bans from SYNs alone make place for a device that is proven', () => {
    const home = world({ maxBans: 1 });
    for (const server of [first, second]) home.open(tv.address, server);
    expect(home.state.records.get(keyOf(tv))?.ban).toMatchObject({ hold: 'restricted', provisional: true });
    establish(home, home.open(laptop.address, first));
    home.open(laptop.address, second);
    expect([stateOf(home, tv), stateOf(home, laptop)]).toEqual(['slowed', 'restricted']);
    expect(home.events()).toEqual(['opened', 'restricted', 'slowed', 'opened', 'restricted']);
    // The place of a proven one is not taken, and it takes no other as it goes on.
    home.open(laptop.address, third);
    expect([stateOf(home, tv), stateOf(home, laptop)]).toEqual(['slowed', 'blocked']);
  });

  test('invented MACs open a bounded number of incidents, push nobody out, and are not told again', () => {
    const home = world();
    home.open(laptop.address, first);
    const keys = invented(2000);
    const reading = {
      attempts: keys.map((key) => ({ key, dst: second, port: 25 as const, attempts: 1 })),
      overruns: keys.map((key) => ({ key, packets: 1 })),
      full: ['attempts_new_mac4'],
    };
    for (let round = 0; round < 5; round++) {
      home.give({ type: 'sets', reading });
      home.pass(2000);
    }
    expect(home.state.incidents.size).toBe(32);
    expect(home.state.records.has(keyOf(laptop))).toBe(true);
    // Twelve, which is as many events as are told one by one of newcomers, and one that has the others.
    expect(home.events().filter((type) => type === 'told')).toHaveLength(12);
    expect(home.events().filter((type) => type === 'summary')).toHaveLength(1);
    // Once for the attempt and once for the budget.
    const steps = [...home.state.incidents.values()].flatMap((incident) => incident.steps);
    expect(steps.filter(({ type }) => type === 'told')).toHaveLength(64);
    // A device of the home is seen as before.
    const attempts = [{ key: keyOf(tv), dst: second, port: 25 as const, attempts: 3 }];
    home.give({ type: 'sets', reading: { attempts, overruns: [], full: [] } });
    expect(home.state.records.get(keyOf(tv))?.refused).toBe(3);
  });

  test('a delivery at port 25 makes no known device: it would have two budgets', () => {
    const home = world();
    const src = '10.8.0.9';
    const flow = home.open(src, first);
    establish(home, flow);
    const counters = { out: { packets: 40, bytes: 20_000 }, back: { packets: 40, bytes: 4000 } };
    home.give({
      type: 'flow',
      flow: { ...flow, ...counters, kind: 'destroy', replied: true, tcpState: 'CLOSE' },
    });
    const [record] = [...home.state.records.values()].filter(({ learned }) => learned.length > 0);
    expect(record?.key).toBe(src);
    home.open(tv.address, first);
    home.open(tv.address, second);
    expect(home.ruleset()?.known.map(({ key }) => key)).not.toContain(src);
  });
});

test('a handshake that completed before its device was known proves it', () => {
  const home = world();
  const src = '2001:db8:1::77';
  const flows = [first, second].map((_, index) => home.open(src, `3fff:${index + 1}::25`));
  for (const flow of flows) establish(home, flow);
  expect(stateOf(home, tv)).toBeUndefined();
  home.give({
    type: 'neighbours',
    neighbours: [{ mac: tv.mac, address: src, interface: 'br-lan', fresh: true }],
  });
  expect(home.state.records.get(keyOf(tv))?.ban).toMatchObject({ hold: 'restricted', provisional: false });
});
