import { describe, expect, test } from 'vitest';
import type { DeviceKey } from '../../daemon/address/device-key.ts';
import { knownRelays } from '../../daemon/detection/known.ts';
import { scoreAt } from '../../daemon/detection/profile.ts';
import type { DeviceDocument } from '../../daemon/engine/documents.ts';
import { answer } from './line.ts';
import { keyOf, mac, servers, type World, world } from './world.ts';

const extender = { mac: mac('30:05:5c:00:00:09') };
const inside = {
  camera: '192.168.1.54',
  phone: '192.168.1.52',
  laptop: '192.168.1.51',
  tablet: '192.168.1.53',
};
const all = [...Object.values(inside), '192.168.1.50'];
const own = mac('ec:71:db:00:00:54');

const neighbours = (home: World, addresses: readonly string[], owner = extender.mac) =>
  home.give({
    type: 'neighbours',
    neighbours: addresses.map((address) => ({ mac: owner, address, interface: 'br-lan', fresh: true })),
  });

/** Five devices behind one MAC; the extender leaves the MAC in the camera's request for a lease as it was. */
function behindExtender(changes: Parameters<typeof world>[0] = {}): World {
  const home = world(changes);
  home.give({
    type: 'leases',
    leases: [
      { mac: own, address: inside.camera, hostname: 'garden-cam' },
      { mac: extender.mac, address: inside.phone, hostname: 'pixel-8' },
      { mac: extender.mac, address: inside.laptop, hostname: 'annas-laptop' },
    ],
  });
  neighbours(home, all);
  home.effects.length = 0;
  return home;
}

function deliver(home: World, src: string, server: string): void {
  const flow = home.open(src, server, 587);
  answer(home, flow);
  const counters = { out: { packets: 25, bytes: 3600 }, back: { packets: 23, bytes: 2400 } };
  home.give({ type: 'flow', flow: { ...flow, ...counters, kind: 'destroy', replied: true, assured: true } });
}

/** Spam to so many servers, with a completed handshake. */
function spam(home: World, src: string, count: number): void {
  for (const server of servers.slice(0, count)) {
    const flow = home.open(src, server);
    home.give({ type: 'flow', flow: { ...flow, kind: 'update', replied: true, assured: true } });
  }
}

const at = (home: World, key: string) => home.state.records.get(key as DeviceKey);
const holdOf = (home: World, key: string) => at(home, key)?.ban?.hold;
const texts = (home: World) =>
  home.effects.flatMap((effect) => (effect.type === 'event' ? [effect.document.text] : []));

function documentOf(home: World, device: string): DeviceDocument {
  const answered = home.ask('device', { device });
  if (!answered.ok) throw new Error(answered.error.message);
  return answered.data as DeviceDocument;
}

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
    for (const address of [inside.camera, inside.phone, inside.tablet]) home.open(address, servers[0] ?? '');
    expect(holdOf(home, keyOf(extender))).toBe('restricted');
    home.pass(700_000);
    neighbours(home, all);
    expect(holdOf(home, keyOf(extender))).toBeUndefined();
    deliver(home, inside.laptop, '33.40.4.25');
    expect(holdOf(home, keyOf(extender))).toBeUndefined();
    home.open(inside.camera, servers[1] ?? '');
    expect(holdOf(home, inside.camera)).toBe('restricted');
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

const never = (): never => {
  throw new Error('no record');
};
