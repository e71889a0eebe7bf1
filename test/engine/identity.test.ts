import { describe, expect, test } from 'vitest';
import type { DeviceKey } from '../../daemon/address/device-key.ts';
import { keyOf, mac, servers, tv, world } from './world.ts';

const [first = '', second = ''] = servers;
const stranger = mac('30:05:5c:00:00:09');
const strangerKey = keyOf({ mac: stranger });
const row = (address: string) => ({ mac: stranger, address, interface: 'br-lan', fresh: true });

describe('an address that nobody knows yet', () => {
  test('its device is asked for at once, within two round trips, and half a second later', () => {
    const home = world();
    home.open('192.168.1.99', first);
    const asked = home.effects.flatMap((effect) => (effect.type === 'identify' ? [effect.afterMs] : []));
    expect(asked).toEqual([0, 60, 200, 500]);
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

  test('a flood of unknown addresses keeps its bound', () => {
    const home = world();
    for (let index = 0; index < 2000; index++) home.open(`2001:db8:1::${(index + 256).toString(16)}`, first);
    expect(home.state.waiting.length).toBe(256);
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

  test('ten thousand MACs push out neither a device with a lease nor one that is held, and memory stays bounded', () => {
    const home = world();
    home.open(tv.address, first);
    home.open(tv.address, second);
    for (let index = 0; index < 10_000; index++) {
      const owner = mac(
        `32:00:00:00:${Math.floor(index / 256)
          .toString(16)
          .padStart(2, '0')}:${(index % 256).toString(16).padStart(2, '0')}`,
      );
      const address = `192.168.1.${(index % 200) + 30}`;
      home.give({
        type: 'neighbours',
        neighbours: [{ mac: owner, address, interface: 'br-lan', fresh: true }],
      });
      home.open(address, first);
    }
    expect(home.state.records.get(keyOf(tv))?.ban?.hold).toBe('restricted');
    expect(home.state.directory.devices.has(keyOf(tv))).toBe(true);
    expect(home.state.records.size).toBeLessThanOrEqual(512);
    expect(home.state.directory.devices.size).toBeLessThanOrEqual(512);
  });
});
