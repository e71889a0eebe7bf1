import { describe, expect, test } from 'vitest';
import { scoreAsUnknownAt } from '../../daemon/detection/profile.ts';
import { fromSnapshot, toSnapshot } from '../../daemon/detection/snapshot.ts';
import type { DeviceDocument } from '../../daemon/engine/documents.ts';
import { keyOf, laptop, servers, stateOf, tv, type World, world } from './world.ts';

/** The device calls itself so when it asks for its lease. */
function call(home: World, hostname: string): void {
  home.give({ type: 'leases', leases: [{ mac: tv.mac, address: tv.address, hostname }] });
}

const never = (): never => {
  throw new Error('no record');
};

const documentOf = (home: World, device = tv): DeviceDocument => {
  const answer = home.ask('device', { device: device.mac });
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.data as DeviceDocument;
};

/** Enough to block a thing, and not enough to block a device of which nothing is known: 10.4 and 8.9. */
function roam(home: World, address: string): void {
  const flows = [home.open(address, servers[0] ?? ''), home.open(address, servers[1] ?? '')];
  for (const flow of flows)
    home.give({ type: 'flow', flow: { ...flow, kind: 'update', replied: true, assured: true } });
  for (const index of [2, 3, 4, 2]) home.open(address, servers[index] ?? '', 587);
}

const rule = (deviceClass: 'iot' | 'unknown') => ({
  ...{ keys: [keyOf(tv)], class: deviceClass, exempt: false, relays: [], action: 'auto' as const },
});

describe('a class that is only guessed', () => {
  test('restricts as the class does, and blocks only where the numbers of an unknown device do, too', () => {
    const home = world();
    call(home, 'garden-cam2');
    roam(home, tv.address);
    const { score, block_at, state } = documentOf(home);
    expect([score > block_at, state]).toEqual([true, 'restricted']);
    // One more stranger settles it for either.
    home.open(tv.address, servers[3] ?? '');
    expect(stateOf(home, tv)).toBe('blocked');
  });

  test('the same evidence blocks where the owner says what it is, and restricts where nothing is known', () => {
    const said = world({ devices: [rule('iot')] });
    roam(said, tv.address);
    expect(stateOf(said, tv)).toBe('blocked');
    const unknown = world();
    roam(unknown, tv.address);
    expect(stateOf(unknown, tv)).toBe('restricted');
    expect(documentOf(unknown).score).toBeLessThan(9.21);
  });

  test('both scores fade, are pardoned and outlive a restart together', () => {
    const home = world();
    call(home, 'garden-cam2');
    roam(home, tv.address);
    const { profile } = home.state.records.get(keyOf(tv)) ?? never();
    expect(profile.scoreAsUnknown).toBeGreaterThan(8);
    expect(profile.scoreAsUnknown).toBeLessThan(9.21);
    const kept = fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(profile, home.nowMs))), home.nowMs);
    expect(kept?.score).toBeCloseTo(profile.score, 3);
    expect(kept?.scoreAsUnknown).toBeCloseTo(profile.scoreAsUnknown, 3);
    home.nowMs += 14 * 86_400_000;
    expect(scoreAsUnknownAt(profile, home.nowMs)).toBeCloseTo((kept?.scoreAsUnknown ?? 0) / 2, 2);
    home.ask('release', { device: tv.mac });
    expect(profile).toMatchObject({ score: 0, scoreAsUnknown: 0 });
  });

  test('what was gathered under an address adds to both', () => {
    const home = world();
    call(home, 'garden-cam2');
    home.open(tv.address, servers[0] ?? '');
    home.open('192.168.1.99', servers[1] ?? '');
    home.pass(1000);
    const row = { mac: tv.mac, address: '192.168.1.99', interface: 'br-lan', fresh: true };
    home.give({ type: 'neighbours', neighbours: [row] });
    // As a camera 3.62, and 3.40 under an address of which nothing was known; as unknown twice 3.40.
    const { profile } = home.state.records.get(keyOf(tv)) ?? never();
    expect(profile.score).toBeCloseTo(Math.log(0.3 / 0.008) + Math.log(0.3 / 0.01), 3);
    expect(profile.scoreAsUnknown).toBeCloseTo(2 * Math.log(0.3 / 0.01), 3);
  });

  test('its reason is kept and shown', () => {
    const home = world();
    call(home, 'garden-cam2');
    home.open(tv.address, servers[0] ?? '');
    expect(documentOf(home)).toMatchObject({ class: 'iot', class_reason: 'camera: name garden-cam2' });
    const listed = home.ask('devices');
    expect(listed.ok && listed.data).toMatchObject({
      devices: [{ class_reason: 'camera: name garden-cam2' }],
    });
  });
});

describe('a camera that calls itself "iPhone"', () => {
  test('gains nothing: what it tries is judged as of any device that nobody knows', () => {
    const named = world();
    call(named, 'iPhone');
    const nameless = world();
    for (const home of [named, nameless]) roam(home, tv.address);
    const [one, other] = [documentOf(named), documentOf(nameless)];
    expect(one).toMatchObject({ class: 'unknown', score: other.score, state: other.state });
  });

  test('nor does it by another name once its maker is known', () => {
    const home = world();
    home.state = { ...home.state, vendorOf: () => 'Reolink Innovation' };
    call(home, 'iPhone');
    home.open(tv.address, servers[0] ?? '');
    expect(documentOf(home)).toMatchObject({
      ...{ class: 'iot', class_reason: 'camera: vendor Reolink Innovation' },
      name: 'iPhone (Reolink Innovation, 5e:10:02)',
    });
  });

  test('nor a device that is somebody else’s namesake: class and score are by MAC', () => {
    const home = world();
    call(home, 'annas-laptop');
    roam(home, tv.address);
    expect(stateOf(home, tv)).toBe('restricted');
    expect(stateOf(home, laptop)).toBeUndefined();
  });
});
