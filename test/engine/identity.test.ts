import { describe, expect, test } from 'vitest';
import type { DeviceKey } from '../../daemon/address/device-key.ts';
import type { Mac } from '../../daemon/address/mac.ts';
import { desiredRuleset } from '../../daemon/engine/desired-ruleset.ts';
import { keyOf, laptop, mac, servers, tv, type World, world } from './world.ts';

const [first = '', second = ''] = servers;
const stranger = mac('30:05:5c:00:00:09');
const strangerKey = keyOf({ mac: stranger });
const invented = (index: number): Mac =>
  mac(
    `32:00:00:00:${[index >> 8, index & 255].map((octet) => octet.toString(16).padStart(2, '0')).join(':')}`,
  );

/** A whole session over submission that takes one message. */
function deliver(home: World, src: string, server: string): void {
  const flow = home.open(src, server, 587);
  const counters = { out: { packets: 25, bytes: 3600 }, back: { packets: 23, bytes: 2400 } };
  home.give({ type: 'flow', flow: { ...flow, ...counters, kind: 'destroy', replied: true, assured: true } });
}

const row = (address: string) => ({ mac: stranger, address, interface: 'br-lan', fresh: true });

describe('an address that nobody knows yet', () => {
  test('its device is asked for at once, within two round trips, and half a second later', () => {
    const home = world();
    home.open('192.168.1.99', first);
    const asked = home.effects.flatMap((effect) => (effect.type === 'identify' ? [effect.afterMs] : []));
    expect(asked).toEqual([0, 60, 200, 500]);
  });

  test('whoever comes while another waits in vain is asked for too, at most every half second', () => {
    const home = world();
    home.open('2001:db8:1::dead', first);
    home.pass(5000);
    home.effects.length = 0;
    for (const tail of ['a', 'b', 'c']) home.open(`2001:db8:1::${tail}`, second);
    expect(home.effects.filter(({ type }) => type === 'identify')).toHaveLength(4);
  });

  test('the flow waits for the neighbour table, then counts for the device', () => {
    const home = world();
    home.open('192.168.1.99', first);
    home.open('192.168.1.99', second);
    expect(home.events()).toEqual([]);
    home.give({ type: 'neighbours', neighbours: [row('192.168.1.99')] });
    expect(home.ruleset()?.restricted).toMatchObject([{ key: strangerKey }]);
  });

  test('over IPv4 it is a device by its address after a second, and moves to its MAC when that is told', () => {
    const home = world();
    home.open('192.168.1.99', first);
    home.open('192.168.1.99', second);
    home.pass(1000);
    expect(home.ruleset()?.restricted).toMatchObject([{ key: '192.168.1.99' }]);
    home.give({ type: 'neighbours', neighbours: [row('192.168.1.99')] });
    expect(home.ruleset()?.restricted).toMatchObject([{ key: strangerKey }]);
    expect(home.state.records.has('192.168.1.99' as DeviceKey)).toBe(false);
    expect([...home.state.incidents.values()].map(({ key }) => key)).toEqual([strangerKey]);
  });

  test('what moves to a device that has a story of its own: one incident, each connection once, no ban on a released one', () => {
    const home = world();
    const moved = '192.168.1.99';
    const ledger = () => {
      const at = (src: string, connections: number) => ({ network: 'lan', key: keyOf(tv), src, connections });
      const rows = [at(tv.address, 2), at(moved, 2)].map((each) => ({ ...each, port: 25 as const }));
      const attempts = [{ key: moved as DeviceKey, dst: first, port: 25 as const, attempts: 3 }];
      home.give({ type: 'sets', reading: { ledger: rows, attempts, overruns: [], full: [] } });
      home.pass(5000);
    };
    for (const server of [first, second]) home.open(tv.address, server);
    home.ask('release', { device: tv.mac });
    for (const server of servers.slice(4, 6)) home.open(moved, server);
    home.pass(1000);
    const attempts = [{ key: moved as DeviceKey, dst: first, port: 25 as const, attempts: 3 }];
    home.give({ type: 'sets', reading: { attempts, overruns: [], full: [] } });
    home.give({ type: 'neighbours', neighbours: [{ ...row(moved), mac: tv.mac }] });
    for (let reading = 0; reading < 3; reading++) ledger();
    const record = home.state.records.get(keyOf(tv));
    expect(record).toMatchObject({ connections: 4, withoutEvent: 0, refused: 3, ban: undefined });
    expect([...home.state.records.keys()]).toEqual([keyOf(tv)]);
    const open = [...home.state.incidents.values()].filter((incident) => incident.closedWallMs === undefined);
    expect(open.map(({ id }) => id)).toEqual([record?.incident]);
  });

  test('who had the address before us does not answer for who has it now', () => {
    const home = world();
    const ledger = (connections: number) => {
      const old = { network: 'lan', key: strangerKey, src: tv.address, port: 25 as const, connections };
      home.give({ type: 'sets', reading: { ledger: [old], attempts: [], overruns: [], full: [] } });
    };
    home.state.ledgerRead = false;
    ledger(3);
    for (const server of [first, second]) home.open(tv.address, server);
    expect(home.ruleset()?.restricted).toMatchObject([{ key: keyOf(tv) }]);
    ledger(5);
    for (const server of servers.slice(4, 6)) home.open(tv.address, server);
    expect(home.ruleset()?.restricted.map(({ key }) => key)).toContain(strangerKey);
  });

  test('over IPv6 on a shared network it never becomes a ban of everybody', () => {
    const home = world();
    for (const server of ['3fff:10::25', '3fff:11::25', '3fff:12::25']) home.open('2001:db8:1::99', server);
    home.pass(120_000);
    expect(home.ruleset()?.restricted ?? []).toEqual([]);
    expect(home.state.waiting).toEqual([]);
  });

  test('where there is no Ethernet the address is the device at once', () => {
    const home = world();
    home.open('10.8.0.40', first);
    home.open('10.8.0.40', second);
    expect(home.ruleset()?.restricted).toMatchObject([{ key: '10.8.0.40' }]);
  });

  test('a device that has to go for want of room leaves no incident open', () => {
    const home = world();
    const attempts = [{ key: strangerKey, dst: first, port: 25 as const, attempts: 1 }];
    home.give({ type: 'sets', reading: { attempts, overruns: [], full: [] } });
    for (let index = 0; index < 520; index++) deliver(home, `10.8.${index >> 8}.${index & 255}`, second);
    expect(home.state.records.has(strangerKey)).toBe(false);
    expect([...home.state.incidents.values()].map((incident) => incident.closedWallMs)).toEqual([
      expect.any(Number),
    ]);
  });

  test('a flood of unknown addresses keeps its bound', () => {
    const home = world();
    for (let index = 0; index < 2000; index++) home.open(`2001:db8:1::${(index + 256).toString(16)}`, first);
    expect(home.state.waiting.length).toBe(256);
    // Whoever comes after it is asked for and named all the same.
    home.pass(1000);
    const address = '2001:db8:1::99';
    for (const server of ['3fff:10::25', '3fff:11::25']) home.open(address, server);
    home.give({ type: 'neighbours', neighbours: [row(address)] });
    expect(home.ruleset()?.restricted).toMatchObject([{ key: strangerKey }]);
  });
});

describe('who is known', () => {
  test('a device with a lease when we start has a budget of its own; a new MAC does not for an hour', () => {
    const home = world();
    home.give({ type: 'neighbours', neighbours: [row('192.168.1.99')] });
    home.ask('pause');
    expect(home.ruleset()?.known.map(({ key }) => key)).toContain(keyOf(tv));
    expect(home.ruleset()?.known.map(({ key }) => key)).not.toContain(strangerKey);
    home.pass(3_600_000);
    home.give({ type: 'neighbours', neighbours: [row('192.168.1.99')] });
    home.ask('pause');
    expect(home.ruleset()?.known.map(({ key }) => key)).toContain(strangerKey);
  });

  test.each([
    ['MACs', (index: number) => ({ mac: invented(index), address: `192.168.1.${(index % 200) + 30}` })],
    [
      'addresses, from outside the home as well',
      (index: number) => ({ address: `10.${9 + (index >> 12)}.${(index >> 4) & 255}.${index & 15}` }),
    ],
    ['IPv6 addresses', (index: number) => ({ address: `2001:db8:1::${(index + 4096).toString(16)}` })],
    [
      'IPv6 addresses of one MAC',
      (index: number) => ({ mac: stranger, address: `2001:db8:1::${(index + 4096).toString(16)}` }),
    ],
  ] as const)(
    'ten thousand %s push out nobody who is at home, and memory stays bounded',
    { timeout: 120_000 },
    (_, make) => {
      const home = world();
      // One is held, one has a relay, one has a person's word, one only a lease.
      for (const server of [first, second]) home.open(tv.address, server);
      home.give({ type: 'neighbours', neighbours: [row('192.168.1.29')] });
      deliver(home, laptop.address, '33.40.4.25');
      home.ask('allow', { device: stranger, relay: '192.0.2.0/24:587' });
      for (let from = 0; from < 10_000; from += 20) {
        const batch = Array.from({ length: 20 }, (__, index): { mac?: Mac; address: string } =>
          make(from + index),
        );
        const neighbours = batch.flatMap((one) => (one.mac ? [{ ...row(one.address), mac: one.mac }] : []));
        if (neighbours.length > 0) home.give({ type: 'neighbours', neighbours });
        for (const [index, { address }] of batch.entries())
          for (const server of [index, index + 1]) home.open(address, servers[server] ?? '');
        // What it asked for is not kept: that would be this test's own memory.
        for (const list of [home.effects, home.inputs]) list.length = 0;
        if (from % 500 === 0) home.pass(1000);
      }
      const { records, directory, waiting, flows, flowDevices, incidents, who } = home.state;
      expect(records.get(keyOf(tv))?.ban?.hold).toBe('restricted');
      expect(records.get(keyOf(laptop))?.learned).toHaveLength(1);
      expect(records.get(strangerKey)?.allowances).toHaveLength(1);
      for (const device of [tv, laptop]) expect(directory.devices.has(keyOf(device))).toBe(true);
      const ruleset = desiredRuleset(home.state, { nowMs: home.nowMs, wallMs: 0 });
      expect(ruleset.restricted.map(({ key }) => key)).toContain(keyOf(tv));
      const sizes = [records.size, directory.devices.size, directory.claims.size, directory.pending.size];
      expect(sizes.every((size, index) => size <= ([512, 512, 2048, 256][index] ?? 0))).toBe(true);
      expect([waiting.length <= 256, incidents.size <= 200, who.size <= 1024]).toEqual([true, true, true]);
      expect(flows.live.size + flows.ended.size).toBeLessThanOrEqual(4096);
      expect(flowDevices.size).toBeLessThanOrEqual(8192);
    },
  );
});
