import { describe, expect, test } from 'vitest';
import { scoreAt } from '../../daemon/detection/profile.ts';
import { at, behindExtender, extender, holdOf, inside, neighbours, never, own, spam } from './behind.ts';
import { keyOf, servers, world } from './world.ts';

describe('what the kernel refused of a MAC that several share', () => {
  test('what the kernel refused of the shared MAC is held against nobody else while one of them is held', () => {
    const home = behindExtender();
    const refused = (servers: readonly string[]) => {
      const attempts = servers.map((dst) => ({ key: keyOf(extender), dst, port: 25 as const, attempts: 3 }));
      home.give({
        type: 'sets',
        reading: { attempts, overruns: [{ key: keyOf(extender), packets: 9 }], full: [] },
      });
    };
    home.ask('block', { device: inside.camera });
    refused(servers.slice(0, 6));
    expect(scoreAt(at(home, keyOf(extender))?.profile ?? never(), home.nowMs)).toBe(0);
    expect([...home.state.incidents.values()].map(({ key }) => key)).toEqual([inside.camera]);
    expect(home.state.refused).toBe(18);
    // Nobody behind it is held by an address over IPv6.
    refused(['3fff:10::25', '3fff:11::25']);
    expect(holdOf(home, keyOf(extender))).toBe('restricted');
  });

  test('of a shared MAC behind which nobody is held, what was refused counts', () => {
    const home = behindExtender();
    const attempts = servers
      .slice(0, 6)
      .map((dst) => ({ key: keyOf(extender), dst, port: 25 as const, attempts: 3 }));
    home.give({ type: 'sets', reading: { attempts, overruns: [], full: [] } });
    expect(holdOf(home, keyOf(extender))).toBe('restricted');
  });
});

describe('a device of which only the lease is known', () => {
  const leased = () => {
    const home = world();
    home.give({ type: 'leases', leases: [{ mac: own, address: inside.camera, hostname: 'garden-cam' }] });
    return home;
  };
  const blocked = (home: ReturnType<typeof world>) => home.ruleset()?.blocked.map(({ key }) => key);

  test('is held by the address of its lease as well, until it is heard', () => {
    const home = leased();
    spam(home, inside.camera, 4);
    expect(blocked(home)).toEqual([keyOf({ mac: own }), inside.camera]);
    neighbours(home, [inside.camera], own);
    expect(blocked(home)).toEqual([keyOf({ mac: own })]);
  });

  test('and by nothing else once it is seen behind another MAC', () => {
    const home = leased();
    spam(home, inside.camera, 4);
    neighbours(home, [inside.camera, inside.phone, inside.laptop]);
    expect(blocked(home)).toEqual([inside.camera]);
  });

  test('asks for leases by the dozen, and takes four places in the kernel with them', () => {
    const home = world();
    const leases = Array.from({ length: 40 }, (_, index) => ({
      mac: own,
      address: `192.168.1.${60 + index}`,
    }));
    home.give({ type: 'leases', leases });
    home.ask('block', { device: own });
    expect(blocked(home)).toEqual([keyOf({ mac: own }), ...leases.slice(-4).map(({ address }) => address)]);
  });

  test('and not by an address that the router has given to another meanwhile', () => {
    const home = leased();
    home.ask('block', { device: own });
    expect(blocked(home)).toEqual([keyOf({ mac: own }), inside.camera]);
    home.nowMs += 1000;
    home.give({ type: 'leases', leases: [{ mac: extender.mac, address: inside.camera }] });
    expect(blocked(home)).toEqual([keyOf({ mac: own })]);
  });

  test('and is one device still after a restart, not a second one at its address', () => {
    const home = leased();
    home.ask('block', { device: own, for: '1h' });
    const adopted = [keyOf({ mac: own }), inside.camera].map((key) => ({
      ...{ set: 'blocked' as const, key, remainingMs: 3_600_000 },
    }));
    const next = leased();
    next.give({ type: 'restore', snapshot: undefined, adopted });
    expect([...next.state.records.keys()]).toEqual([keyOf({ mac: own })]);
    expect(blocked(next)).toEqual([keyOf({ mac: own }), inside.camera]);
  });

  test('an address from which another was heard is not held for it', () => {
    const home = leased();
    neighbours(home, [inside.camera, inside.phone], extender.mac);
    home.ask('block', { device: own });
    expect(blocked(home)).toEqual([keyOf({ mac: own })]);
  });
});
