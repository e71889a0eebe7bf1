import { describe, expect, test } from 'vitest';
import type { DeviceKey } from '../../daemon/address/device-key.ts';
import { knownRelays } from '../../daemon/detection/known.ts';
import { scoreAt } from '../../daemon/detection/profile.ts';
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
  never,
  own,
  spam,
  texts,
} from './behind.ts';
import { keyOf, servers, type World, world } from './world.ts';

describe('several devices behind one MAC', () => {
  test('one infected device is blocked by its address, and the other four go on', () => {
    const home = behindExtender();
    for (const address of [inside.phone, inside.laptop]) deliver(home, address, '33.40.4.25');
    spam(home, inside.camera, 4);
    expect(home.ruleset()?.blocked.map(({ key }) => key)).toEqual([inside.camera]);
    expect(home.ruleset()?.restricted).toEqual([]);
    expect(
      home
        .ruleset()
        ?.relays.map(({ key }) => key)
        .sort(),
    ).toEqual([inside.laptop, inside.phone]);
    for (const address of [inside.phone, inside.laptop, inside.tablet]) {
      deliver(home, address, '33.40.4.25');
      expect(holdOf(home, address)).toBeUndefined();
      expect(knownRelays(at(home, address)?.profile ?? never())).toHaveLength(1);
    }
    expect(at(home, keyOf(extender))).toBeUndefined();
  });

  test('it is said so: in the alert, and of the device and of the extender', () => {
    const home = behindExtender();
    spam(home, inside.camera, 4);
    expect(texts(home).at(-1)).toContain(
      'garden-cam (192.168.1.54) is blocked. Its mail is blocked for 60 min; everything else it does works. Others have the same MAC, so it is held by its address.',
    );
    expect(documentOf(home, inside.camera)).toMatchObject({
      ...{ device: inside.camera, addresses: [inside.camera], behind: keyOf(extender) },
      ...{ name: 'garden-cam (192.168.1.54)', class: 'iot', class_reason: 'camera: name garden-cam' },
    });
    deliver(home, inside.phone, '33.40.4.25');
    expect(documentOf(home, 'pixel-8')).toMatchObject({ device: inside.phone, class: 'unknown' });
    expect(documentOf(home, extender.mac)).toMatchObject({ devices_behind: 5, class: 'unknown' });
    expect(home.state.conditions.has('identity_conflict')).toBe(false);
  });

  test('what one of them calls itself is no name of the extender, and makes it no camera', () => {
    const home = world();
    const leases = ['garden-cam', 'pixel-8', 'ipcam'].map((hostname, index) => ({
      ...{ mac: extender.mac, address: all[index] ?? '', hostname },
    }));
    home.give({ type: 'leases', leases });
    neighbours(home, all);
    home.open(all[2] ?? '', servers[0] ?? '');
    expect(documentOf(home, 'ipcam')).toMatchObject({ device: all[2], class: 'iot' });
    expect(documentOf(home, extender.mac)).toMatchObject({ class: 'unknown', name: 'device 00:00:09' });
  });

  test('the maker is that of the MAC in the lease, if there is another than the extender’s', () => {
    const home = behindExtender();
    home.state = { ...home.state, vendorOf: (one) => (one === own ? 'Reolink Innovation' : 'TP-Link') };
    home.state.who.clear();
    home.open(inside.camera, servers[0] ?? '');
    home.open(inside.phone, servers[0] ?? '');
    expect(documentOf(home, inside.camera)).toMatchObject({
      ...{ vendor: 'Reolink Innovation', class_reason: 'camera: vendor Reolink Innovation' },
      name: 'garden-cam (Reolink Innovation, 192.168.1.54)',
    });
    expect(documentOf(home, inside.phone)).not.toHaveProperty('vendor');
  });

  test('what is refused counts for the address, too; and the ledger is compared by it', () => {
    const home = behindExtender();
    home.ask('restrict', { device: inside.camera });
    const refused = (count: number) =>
      servers
        .slice(0, count)
        .map((dst) => ({ key: inside.camera as DeviceKey, dst, port: 25 as const, attempts: 1 }));
    for (const count of [2, 4, 6]) {
      home.give({ type: 'sets', reading: { attempts: refused(count), overruns: [], full: [] } });
      home.pass(12_000);
    }
    expect(holdOf(home, inside.camera)).toBe('blocked');
    home.open(inside.phone, servers[0] ?? '', 587);
    const ledger = [
      { network: 'lan', key: keyOf(extender), src: inside.phone, port: 587 as const, connections: 1 },
    ];
    for (let reading = 0; reading < 3; reading++) {
      home.pass(5000);
      home.give({ type: 'sets', reading: { ledger, attempts: [], overruns: [], full: [] } });
    }
    expect(at(home, inside.phone)).toMatchObject({ connections: 1, withoutEvent: 0 });
    expect(at(home, keyOf(extender))).toBeUndefined();
  });

  test('over IPv6 they cannot be told apart: judged as one, and no more than restricted', () => {
    const home = behindExtender();
    const six = ['2001:db8:1::a1', '2001:db8:1::b2'];
    neighbours(home, six);
    for (const [index, server] of servers.slice(0, 8).entries()) {
      const flow = home.open(six[index % 2] ?? '', `3fff:${10 + index}::25`);
      home.give({ type: 'flow', flow: { ...flow, kind: 'update', replied: true, assured: true } });
      expect(server).not.toBe('');
    }
    expect(scoreAt(at(home, keyOf(extender))?.profile ?? never(), home.nowMs)).toBeGreaterThan(20);
    expect(holdOf(home, keyOf(extender))).toBe('restricted');
    expect(texts(home).at(-1)).toContain('It has one MAC with 5 devices, and all of them are held.');
  });

  test('the owner’s word about the MAC is about all behind it, but for its name', () => {
    const rule = {
      ...{ keys: [keyOf(extender)], name: 'Attic extender', class: 'computer' as const },
      ...{ exempt: false, relays: [], action: 'tell' as const },
    };
    const home = behindExtender({ devices: [rule] });
    spam(home, inside.camera, 4);
    expect(holdOf(home, inside.camera)).toBeUndefined();
    expect(documentOf(home, inside.camera)).toMatchObject({
      name: 'garden-cam (192.168.1.54)',
      class: 'computer',
    });
  });

  test('an address whose MAC came late stays by itself where others share the MAC', () => {
    const home = world();
    home.open(inside.camera, servers[0] ?? '');
    home.pass(1000);
    neighbours(home, all);
    expect(scoreAt(at(home, inside.camera)?.profile ?? never(), home.nowMs)).toBeGreaterThan(3);
    expect(at(home, keyOf(extender))).toBeUndefined();
  });
});

describe('ordinary homes behind one MAC', () => {
  test('four households, each with accounts of its own over IPv4 and IPv6, are nobody under suspicion', () => {
    const home = behindExtender();
    // Not the camera: a thing has no six accounts.
    const homes = all.filter((address) => address !== inside.camera);
    const six = homes.map((_, index) => `2001:db8:1::${index + 1}f`);
    neighbours(home, six);
    for (const [index, address] of homes.entries()) {
      for (const server of servers.slice(index * 6, index * 6 + 6)) deliver(home, address, server);
      for (const server of [1, 2, 3, 4, 5])
        deliver(home, six[index] ?? '', `3fff:${(index + 1) * 100 + server}::25`);
    }
    const records = [...home.state.records.values()];
    expect(records.map(({ ban, incident }) => ban ?? incident)).toEqual(records.map(() => undefined));
    expect(records).toHaveLength(5);
    // Each keeps what its own class may learn; as one device they would have used that up.
    for (const address of homes) expect(knownRelays(at(home, address)?.profile ?? never()).length).toBe(6);
    // Not without bound: forty-eight is what four of them may take up in a day.
    for (let server = 0; server < 29; server++) deliver(home, six[0] ?? '', `3fff:${1000 + server}::25`);
    expect(holdOf(home, keyOf(extender))).toBe('restricted');
  });

  test('one of them that is two things in turn, near the router and far, exempts nobody but itself', () => {
    const home = behindExtender();
    for (const owner of [own, extender.mac, own, extender.mac]) {
      home.pass(1000);
      neighbours(home, [inside.camera], owner);
    }
    expect(home.state.conditions.has('identity_conflict')).toBe(true);
    spam(home, inside.phone, 4);
    spam(home, inside.camera, 4);
    expect(holdOf(home, inside.phone)).toBe('blocked');
    expect(holdOf(home, inside.camera)).toBeUndefined();
  });

  test('what it sends after a rest, when only its lease speaks of it, is its address’s too', () => {
    const home = behindExtender();
    home.pass(180_000);
    neighbours(home, ['192.168.1.50']);
    const leases = [{ mac: own, address: inside.camera, hostname: 'garden-cam' }];
    home.give({ type: 'leases', leases });
    spam(home, inside.camera, 4);
    expect(holdOf(home, inside.camera)).toBe('blocked');
    expect(at(home, keyOf({ mac: own }))).toBeUndefined();
  });

  test('it is the same one from before that was known, when its lease alone said who it is', () => {
    const home = world();
    const leases = [{ mac: own, address: inside.camera, hostname: 'garden-cam' }];
    home.give({ type: 'leases', leases });
    spam(home, inside.camera, 4);
    // So far by a MAC that no packet of it has.
    expect(holdOf(home, keyOf({ mac: own }))).toBe('blocked');
    expect(home.effects).toContainEqual({ type: 'identify', afterMs: 200 });
    neighbours(home, all);
    expect(home.ruleset()?.blocked.map(({ key }) => key)).toEqual([inside.camera]);
    expect(at(home, keyOf({ mac: own }))).toBeUndefined();
  });

  test('a lease in the name of a device that is known takes nothing from it', () => {
    const home = world();
    neighbours(home, ['192.168.1.60'], own);
    spam(home, '192.168.1.60', 4);
    home.give({ type: 'leases', leases: [{ mac: own, address: inside.camera }] });
    neighbours(home, all);
    expect(holdOf(home, keyOf({ mac: own }))).toBe('blocked');
    expect(at(home, inside.camera)).toBeUndefined();
    // Nor from one that was there before the daemon was.
    const later = world();
    later.ask('block', { device: own });
    later.nowMs += 61_000;
    later.give({ type: 'leases', leases: [{ mac: own, address: inside.camera }] });
    neighbours(later, all);
    expect(holdOf(later, keyOf({ mac: own }))).toBe('blocked');
  });

  test('what a person says of an address is about that one; of the MAC, about all behind it', () => {
    const home = behindExtender();
    home.ask('restrict', { device: inside.camera });
    expect(home.ruleset()?.restricted.map(({ key }) => key)).toEqual([inside.camera]);
    deliver(home, inside.phone, '33.40.4.25');
    expect(documentOf(home, inside.phone).state).toBe('normal');
    home.effects.length = 0;
    home.ask('block', { device: extender.mac, for: '1h' });
    expect(home.effects).toContainEqual({ type: 'device', key: inside.phone });
    const until = documentOf(home, extender.mac).until;
    expect(documentOf(home, inside.phone)).toMatchObject({ state: 'blocked', until });
    home.ask('release', { device: extender.mac });
    expect(documentOf(home, inside.phone).state).toBe('normal');
    expect(documentOf(home, inside.camera).state).toBe('restricted');
  });
});

describe('what is one device', () => {
  const isOne = (home: World, address: string) => {
    home.open(address, servers[0] ?? '');
    return at(home, keyOf(extender)) !== undefined && at(home, address) === undefined;
  };

  test('two addresses without a lease, or with leases of one name: one that got a new address', () => {
    const home = world();
    neighbours(home, [inside.phone, inside.laptop]);
    expect(isOne(home, inside.phone)).toBe(true);
    const other = world();
    const hostname = 'pixel-8';
    for (const address of [inside.phone, inside.laptop])
      other.give({ type: 'leases', leases: [{ mac: extender.mac, address, hostname }] });
    neighbours(other, [inside.phone, inside.laptop]);
    expect(isOne(other, inside.laptop)).toBe(true);
  });

  test('two with leases of two names are two', () => {
    const home = world();
    home.give({
      type: 'leases',
      leases: [
        { mac: extender.mac, address: inside.phone, hostname: 'pixel-8' },
        { mac: extender.mac, address: inside.laptop, hostname: 'annas-laptop' },
      ],
    });
    neighbours(home, [inside.phone, inside.laptop]);
    expect(isOne(home, inside.phone)).toBe(false);
  });

  test('a phone with one IPv4 address and eight that IPv6 privacy gives it', () => {
    const home = world();
    const six = Array.from({ length: 8 }, (_, index) => `2001:db8:1:0:a:b:c:${index + 1}`);
    neighbours(home, [inside.phone, ...six]);
    for (const address of [inside.phone, ...six]) expect(isOne(home, address)).toBe(true);
    expect(home.state.directory.carriers.size).toBe(0);
    expect(documentOf(home, extender.mac)).not.toHaveProperty('devices_behind');
  });

  test('many IPv6 addresses, and IPv4 addresses one after the other', () => {
    const home = world();
    neighbours(home, ['2001:db8:1::a1', '2001:db8:1::b2', '2001:db8:1::c3', inside.phone]);
    for (const address of [inside.laptop, inside.tablet, inside.camera]) {
      home.pass(130_000);
      neighbours(home, [address]);
    }
    expect(isOne(home, inside.camera)).toBe(true);
  });

  test('an extender that is gone for a day is forgotten', () => {
    const home = behindExtender();
    home.nowMs += 86_400_000 + 1000;
    neighbours(home, [inside.phone]);
    expect(isOne(home, inside.phone)).toBe(true);
  });
});
