import { expect, test } from 'vitest';
import { type DeviceKey, keyOfMac } from '../../daemon/address/device-key.ts';
import { type Mac, parseMac } from '../../daemon/address/mac.ts';
import { conflictsOf } from '../../daemon/identity/conflicts.ts';
import {
  addressesOf,
  anchor,
  type Directory,
  emptyDirectory,
  lookup,
  unanchor,
} from '../../daemon/identity/directory.ts';
import { feedLeases, feedLedger, feedNeighbours } from '../../daemon/identity/feed.ts';
import type { Lease } from '../../daemon/identity/sighting.ts';

const mac = (n: number) => parseMac((0x020000000000 + n).toString(16).padStart(12, '0')) as Mac;
const [A, B] = [mac(1), mac(2)];
const keys = { A: keyOfMac(A), B: keyOfMac(B) };
const ip = '192.168.7.20';
const seconds = 1000;

const neighbour = (address: string, who: Mac, fresh = true, link = 'br-lan') => ({
  address,
  mac: who,
  interface: link,
  fresh,
});
const ledger = (src: string, key: string, connections: number, port: 25 | 587 = 25) => ({
  network: 'lan',
  key: key as DeviceKey,
  src,
  port,
  connections,
});

test('the packet itself is believed first, then a fresh neighbour, then a lease, then a memory', () => {
  const directory = emptyDirectory();
  feedNeighbours(directory, [neighbour(ip, A, false)], 0);
  expect(lookup(directory, ip, 0)).toEqual({ key: keys.A, confidence: 'stale' });
  feedLeases(directory, [{ address: ip, mac: B }], seconds);
  expect(lookup(directory, ip, seconds)).toEqual({ key: keys.B, confidence: 'lease' });
  feedNeighbours(directory, [neighbour(ip, A)], 2 * seconds);
  expect(lookup(directory, ip, 2 * seconds)).toEqual({ key: keys.A, confidence: 'neighbour' });
  feedLedger(directory, [ledger(ip, keys.B, 1)], 3 * seconds);
  expect(lookup(directory, ip, 3 * seconds)).toEqual({ key: keys.B, confidence: 'ledger' });
});

test('belief ages: a packet counts for a minute, a neighbour for two, a lease for ten, a memory for a day', () => {
  const directory = emptyDirectory();
  feedLeases(directory, [{ address: ip, mac: A }], 0);
  feedNeighbours(directory, [neighbour(ip, A)], 0);
  feedLedger(directory, [ledger(ip, keys.A, 1)], 0);
  const at = (nowMs: number) => lookup(directory, ip, nowMs).confidence;
  expect([60, 61, 120, 121, 600, 601, 86_400, 86_401].map((s) => at(s * seconds))).toEqual([
    'ledger',
    'neighbour',
    'neighbour',
    'lease',
    'lease',
    'stale',
    'stale',
    'none',
  ]);
});

test('a ledger row that did not move says nothing: it outlives its packet by an hour', () => {
  const directory = emptyDirectory();
  feedLedger(directory, [ledger(ip, keys.A, 3), ledger(ip, keys.A, 2, 587)], 0);
  feedNeighbours(directory, [neighbour(ip, B)], 300 * seconds);
  feedLedger(directory, [ledger(ip, keys.A, 3), ledger(ip, keys.A, 2, 587)], 301 * seconds);
  expect(lookup(directory, ip, 301 * seconds).key).toBe(keys.B);
  feedLedger(directory, [ledger(ip, keys.A, 4), ledger(ip, keys.A, 2, 587)], 302 * seconds);
  expect(lookup(directory, ip, 302 * seconds).key).toBe(keys.A);
});

test('one device over IPv4, IPv6 and a re-lease: the MAC is the key', () => {
  const directory = emptyDirectory();
  feedNeighbours(directory, [neighbour(ip, A), neighbour('fd00:7::42', A), neighbour('fe80::1', A)], 0);
  feedLeases(directory, [{ address: '192.168.7.99', mac: A, hostname: 'cam\n<b>' }], 0);
  for (const address of [ip, 'fd00:7::42', '192.168.7.99'])
    expect(lookup(directory, address, 0).key).toBe(keys.A);
  expect(directory.devices.size).toBe(1);
  expect(directory.devices.get(keys.A)).toMatchObject({
    hostname: 'camb',
    randomised: true,
    interface: 'br-lan',
  });
  expect(addressesOf(directory, keys.A, 0).sort()).toEqual(['192.168.7.20', '192.168.7.99', 'fd00:7::42']);
});

test('a DHCPv6 lease names whoever has the address', () => {
  const directory = emptyDirectory();
  feedNeighbours(directory, [neighbour('fd00:7::42', A)], 0);
  feedLeases(
    directory,
    [
      { address: 'fd00:7::42', hostname: 'cam' },
      { address: 'fd00:7::43', hostname: 'x' },
    ],
    0,
  );
  expect(directory.devices.get(keys.A)?.hostname).toBe('cam');
  expect(directory.devices.size).toBe(1);
});

test('where there is no Ethernet the address is the key at once, and stays it', () => {
  const directory = emptyDirectory();
  feedLedger(directory, [ledger('10.8.0.2', '10.8.0.2', 1)], 0);
  expect(lookup(directory, '10.8.0.2', 0)).toEqual({ key: '10.8.0.2', confidence: 'ledger' });
  expect(directory.devices.get('10.8.0.2' as DeviceKey)?.mac).toBeUndefined();
});

test('an address nobody knows is its own key until its MAC shows up, and is merged then', () => {
  const directory = emptyDirectory();
  expect(lookup(directory, ip, 0)).toEqual({ key: ip, confidence: 'none' });
  const merges = feedNeighbours(directory, [neighbour(ip, A, false)], 500);
  expect(merges).toEqual([{ address: ip, from: ip, to: keys.A }]);
  expect(feedNeighbours(directory, [neighbour(ip, A)], 900)).toEqual([]);
});

test('after 60 s unasked there is nothing to merge', () => {
  const directory = emptyDirectory();
  lookup(directory, ip, 0);
  expect(feedNeighbours(directory, [neighbour(ip, A)], 61 * seconds)).toEqual([]);
});

test('evidence of an IPv6 /64 is given to nobody while several addresses of it wait', () => {
  const directory = emptyDirectory();
  expect(lookup(directory, 'fd00:7::aa', 0).key).toBe('fd00:7::');
  expect(lookup(directory, 'fd00:7::bb', 0).key).toBe('fd00:7::');
  expect(feedNeighbours(directory, [neighbour('fd00:7::aa', A)], 1)).toEqual([]);
  expect(feedNeighbours(directory, [neighbour('fd00:7::bb', B)], 1)).toEqual([
    { address: 'fd00:7::bb', from: 'fd00:7::', to: keys.B },
  ]);
});

test('two MACs that speak from one address in turns are a conflict; one that takes it over is none', () => {
  const directory = emptyDirectory();
  const say = (who: Mac, nowMs: number) => feedNeighbours(directory, [neighbour(ip, who)], nowMs);
  say(A, 0);
  say(A, 10 * seconds);
  say(B, 20 * seconds);
  say(B, 30 * seconds);
  expect(conflictsOf(directory.conflicts)).toEqual([]);
  say(A, 40 * seconds);
  expect(conflictsOf(directory.conflicts, keys.B)).toEqual([
    { kind: 'address', address: ip, keys: [keys.A, keys.B], sinceMs: 40 * seconds, lastMs: 40 * seconds },
  ]);
  say(B, 50 * seconds);
  expect(conflictsOf(directory.conflicts)[0]).toMatchObject({ sinceMs: 40 * seconds, lastMs: 50 * seconds });
  // An hour without it ends it.
  say(B, 3_700 * seconds);
  expect(conflictsOf(directory.conflicts)).toEqual([]);
});

test('an address that comes back after a while is no conflict', () => {
  const directory = emptyDirectory();
  feedNeighbours(directory, [neighbour(ip, A)], 0);
  feedNeighbours(directory, [neighbour(ip, B)], 100 * seconds);
  feedNeighbours(directory, [neighbour(ip, A)], 301 * seconds);
  expect(conflictsOf(directory.conflicts)).toEqual([]);
});

test('packets of two MACs from one address conflict at the second reading', () => {
  const directory = emptyDirectory();
  for (let n = 1; n <= 2; n++)
    feedLedger(directory, [ledger(ip, keys.A, n), ledger(ip, keys.B, n)], n * seconds);
  expect(conflictsOf(directory.conflicts, keys.A)).toHaveLength(1);
});

test('one MAC alive on two interfaces for more than a minute is a conflict; a walk is none', () => {
  const directory = emptyDirectory();
  const both = [neighbour(ip, A), neighbour('192.168.8.20', A, true, 'br-guest')];
  feedNeighbours(directory, both, 0);
  feedNeighbours(directory, both, 30 * seconds);
  expect(conflictsOf(directory.conflicts)).toEqual([]);
  feedNeighbours(directory, both, 60 * seconds);
  expect(conflictsOf(directory.conflicts, keys.A)).toMatchObject([
    { kind: 'interfaces', interfaces: ['br-guest', 'br-lan'] },
  ]);
});

test('a phone that walks to and fro between two networks is no conflict', () => {
  const directory = emptyDirectory();
  for (let walk = 0; walk < 8; walk++) {
    feedNeighbours(
      directory,
      [neighbour(ip, A, true, walk % 2 ? 'br-guest' : 'br-lan')],
      walk * 40 * seconds,
    );
  }
  expect(conflictsOf(directory.conflicts)).toEqual([]);
});

/** Ten thousand MACs that somebody makes up, each with an address of its own, in readings of a thousand. */
function flood(directory: Directory, home: readonly Lease[], fromMs: number) {
  for (let reading = 0; reading < 10; reading++) {
    const rows = Array.from({ length: 1000 }, (_, n) => {
      const id = reading * 1000 + n + 100;
      return neighbour(`10.${id >> 16}.${(id >> 8) & 255}.${id & 255}`, mac(id));
    });
    feedNeighbours(directory, rows, fromMs + reading * seconds);
    // Not at the last reading: whoever was pushed out must not come back by it.
    if (reading < 9) feedLeases(directory, [...home, ...rows], fromMs + reading * seconds);
  }
}

test('a flood of MACs pushes out its own, not those that mailed, have a name or a lease of an hour', () => {
  const directory = emptyDirectory();
  const home = Array.from({ length: 30 }, (_, n) => ({ address: `192.168.7.${n + 10}`, mac: mac(n + 10) }));
  for (const { mac: own } of home.slice(0, 10)) anchor(directory, keyOfMac(own), own, 0);
  for (const nowMs of [0, 3600 * seconds]) feedLeases(directory, home, nowMs);
  for (let reading = 0; reading < 3; reading++)
    flood(directory, home, 3601 * seconds + reading * 10 * seconds);
  expect(directory.devices.size).toBeLessThanOrEqual(512);
  expect(directory.claims.size).toBeLessThanOrEqual(2048);
  expect(directory.dropped).toBeGreaterThan(9000);
  const present = home.filter(({ mac: own }) => directory.devices.has(keyOfMac(own)));
  const found = home.filter(
    ({ address, mac: own }) => lookup(directory, address, 3700 * seconds).key === keyOfMac(own),
  );
  expect(present).toEqual(home);
  expect(found).toEqual(home);
});

test('leases that were taken just now vouch for nobody', () => {
  const directory = emptyDirectory();
  const old = { address: ip, mac: A };
  feedLeases(directory, [old], 0);
  const fresh = Array.from({ length: 511 }, (_, n) => ({
    address: `10.0.${n >> 8}.${n & 255}`,
    mac: mac(n + 100),
  }));
  feedLeases(directory, [old, ...fresh], 3600 * seconds);
  feedNeighbours(directory, [neighbour('192.168.7.21', B)], 3601 * seconds);
  expect(directory.devices.has(keys.B)).toBe(true);
  expect(directory.devices.has(keys.A)).toBe(true);
});

test('a full house of devices that must stay turns newcomers away, who are still found', () => {
  const directory = emptyDirectory();
  for (let n = 100; n < 612; n++) anchor(directory, keyOfMac(mac(n)), mac(n), 0);
  feedNeighbours(directory, [neighbour(ip, A)], 1);
  expect([directory.devices.size, directory.devices.has(keys.A), directory.dropped]).toEqual([512, false, 1]);
  expect(lookup(directory, ip, 1).key).toBe(keys.A);
  unanchor(directory, keyOfMac(mac(100)));
  feedNeighbours(directory, [neighbour(ip, A)], 2);
  expect([directory.devices.size, directory.devices.has(keys.A)]).toEqual([512, true]);
});

test('what waits for its MAC is bounded', () => {
  const directory = emptyDirectory();
  for (let n = 0; n < 1000; n++) lookup(directory, `10.1.${n >> 8}.${n & 255}`, 0);
  expect(directory.pending.size).toBe(256);
  lookup(directory, ip, 61 * seconds);
  expect(directory.pending.size).toBe(1);
});
