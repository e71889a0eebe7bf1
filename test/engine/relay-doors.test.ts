import { describe, expect, test } from 'vitest';
import type { MailPort } from '../../daemon/conntrack/flow.ts';
import { answer } from './line.ts';
import { keyOf, laptop, tv, type World, world } from './world.ts';

const dayMs = 86_400_000;

/** A message that went through. Returns whether the kernel was told of anything after it. */
function send(home: World, src: string, server: string, port: MailPort = 587): boolean {
  home.refresh();
  const flow = home.open(src, server, port);
  answer(home, flow);
  home.effects.length = 0;
  const counters = { out: { packets: 25, bytes: 3600 }, back: { packets: 23, bytes: 2400 } };
  home.give({ type: 'flow', flow: { ...flow, ...counters, kind: 'destroy', replied: true, assured: true } });
  return home.effects.some(({ type }) => type === 'apply');
}

/** The door of a device's relays, with the days that are left of it. */
const doors = (home: World) =>
  home.ruleset()?.relays.map(({ key, port, to, endMs = 0 }) => ({
    ...{ key, port, to },
    days: Math.round((endMs - home.nowMs) / dayMs),
  }));

describe('the door that the kernel holds open for a relay', () => {
  test('is told once, not for each of its addresses', () => {
    const home = world();
    expect(send(home, laptop.address, '33.40.4.25')).toBe(true);
    expect(send(home, laptop.address, '33.40.9.26')).toBe(false);
    expect(send(home, laptop.address, '33.40.4.25')).toBe(false);
    // Another port is another door.
    expect(send(home, laptop.address, '33.40.4.25', 465)).toBe(true);
    // Google's block, all of it by the provider's name.
    expect(send(home, laptop.address, '64.233.167.108')).toBe(true);
    expect(send(home, laptop.address, '74.125.133.108')).toBe(false);
  });

  test('does not close while the relay is in daily use, though nothing else ever changes', () => {
    const home = world();
    send(home, laptop.address, '33.40.4.25');
    for (let day = 0; day < 40; day++) {
      home.nowMs += dayMs;
      send(home, laptop.address, '33.40.4.25');
      home.give({ type: 'tick' });
      expect(doors(home)).toMatchObject([{ key: keyOf(laptop), port: 587 }]);
      expect(doors(home)?.[0]?.days).toBeGreaterThanOrEqual(29);
    }
  });

  test('opens again with the first message after a month, and of a relay that was taken from the device', () => {
    const iot = { keys: [keyOf(tv)], class: 'iot', exempt: false, relays: [], action: 'auto' } as const;
    const home = world({ devices: [iot] });
    expect(send(home, tv.address, '33.40.4.25')).toBe(true);
    home.nowMs += 31 * dayMs;
    expect(send(home, tv.address, '33.40.4.25')).toBe(true);
    expect(doors(home)?.[0]?.days).toBeGreaterThanOrEqual(29);
    expect(send(home, tv.address, '33.40.4.25')).toBe(false);
    // One thing with six new services in a day: it is restricted, and none of them stays its own.
    const services = ['34', '35', '36', '37', '38'].map((net) => `${net}.40.4.25`);
    for (const server of services) send(home, tv.address, server);
    home.ask('release', { device: tv.mac, for: '10m' });
    expect(doors(home)).toHaveLength(1);
    expect(send(home, tv.address, services[0] ?? '')).toBe(true);
    expect(doors(home)).toHaveLength(2);
  });

  test('opens on port 25 with the first message after the quiet days', () => {
    const home = world();
    expect(send(home, tv.address, '33.40.4.25', 25)).toBe(false);
    home.nowMs += 6 * dayMs;
    expect(send(home, tv.address, '33.40.4.25', 25)).toBe(false);
    home.nowMs += 2 * dayMs;
    expect(send(home, tv.address, '33.40.4.25', 25)).toBe(true);
    expect(doors(home)).toMatchObject([{ key: keyOf(tv), port: 25, to: { prefix: '33.40.4.0/24' } }]);
    expect(send(home, tv.address, '33.40.4.25', 25)).toBe(false);
  });
});
