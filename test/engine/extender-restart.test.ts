import { describe, expect, test } from 'vitest';
import { maxStateBytes, stateText } from '../../daemon/engine/fit-snapshot.ts';
import { takeSnapshot } from '../../daemon/engine/snapshot.ts';
import { behindExtender, documentOf, extender, holdOf, inside, neighbours, spam } from './behind.ts';
import { household, mail } from './household.ts';
import { keyOf, mac, servers, startWallMs, type World, world } from './world.ts';

describe('a restart of a home with an extender', () => {
  const reborn = (home: World, text: string): World => {
    const other = world();
    other.nowMs = home.nowMs + 60_000;
    other.give({ type: 'restore', snapshot: JSON.parse(text), adopted: [] });
    return other;
  };
  const saved = (home: World) =>
    stateText(
      takeSnapshot(home.state, { nowMs: home.nowMs, wallMs: startWallMs + home.nowMs - 1_000_000 }),
      [],
    );

  test('keeps what was judged, and who shares a MAC: the first connection comes before the first look around', () => {
    const home = behindExtender();
    spam(home, inside.camera, 4);
    home.open(inside.laptop, servers[0] ?? '');
    const next = reborn(home, saved(home));
    expect(next.ruleset()?.blocked.map(({ key }) => key)).toEqual([inside.camera]);
    next.give({ type: 'leases', leases: [{ mac: extender.mac, address: inside.laptop }] });
    next.open(inside.laptop, servers[1] ?? '');
    expect(holdOf(next, inside.laptop)).toBe('restricted');
    expect(documentOf(next, inside.laptop).behind).toBe(keyOf(extender));
    // A day later nobody was seen there.
    next.nowMs += 86_400_000 + 1000;
    next.give({ type: 'neighbours', neighbours: [] });
    expect(next.state.directory.carriers.size).toBe(0);
  });

  test('250 devices, 64 of them behind four extenders, fit into 64 KB, and none is lost', () => {
    const home = household(186);
    const extenders = [1, 2, 3, 4].map((index) => mac(`30:05:5c:00:01:0${index}`));
    for (const [index, owner] of extenders.entries()) {
      const hosts = Array.from({ length: 16 }, (_, host) => `192.168.1.${190 + 16 * index + host}`);
      neighbours(home, hosts, owner);
      for (const [host, address] of hosts.entries()) mail(home, address, servers[host] ?? '');
      spam(home, hosts[0] ?? '', 4);
    }
    const text = saved(home);
    console.log(`${text.length} bytes: ${home.state.records.size} devices`);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxStateBytes);
    const { records, directory } = reborn(home, text).state;
    expect(home.state.records.size).toBeGreaterThanOrEqual(250);
    expect(records.size).toBe(home.state.records.size);
    expect([...directory.carriers.values()].map(({ hosts }) => hosts.size)).toEqual([16, 16, 16, 16]);
  });

  test('a file that names no MAC as the one behind which they live is not believed', () => {
    const home = behindExtender();
    spam(home, inside.camera, 4);
    const text = saved(home);
    expect(text).toContain('"m":"30055c000009"');
    for (const wrong of ['"router"', '"192.168.1.1"', '7', '"<script>"']) {
      const next = reborn(home, text.replace('"30055c000009"', wrong));
      expect(next.state.directory.carriers.size).toBe(0);
      expect(holdOf(next, inside.camera)).toBe('blocked');
    }
  });
});
