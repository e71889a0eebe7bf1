import { describe, expect, test } from 'vitest';
import { keyOfMac } from '../../daemon/address/device-key.ts';
import type { DesiredRuleset, HeldDevice } from '../../daemon/enforcement/desired.ts';
import { gateOf } from '../../daemon/replay/gate.ts';
import { providers } from '../detection/provider-data.ts';
import { mac, networks } from '../engine/world.ts';

const key = keyOfMac(mac('ec:71:db:00:11:22'));
const other = keyOfMac(mac('ec:71:db:00:11:33'));
const held: readonly HeldDevice[] = [{ key: other }, { key, endMs: 100 }];

function gate(changes: Partial<DesiredRuleset>) {
  const nothing: DesiredRuleset = {
    networks,
    refuse: 'reset',
    holding: true,
    maskEvents: false,
    providers: [],
    exempt: [],
    blocked: [],
    restricted: [],
    slowed: [],
    quarantined: [],
    strict: [],
    lenient: [],
    known: [],
    relays: [
      { key, port: 587, to: { prefix: '198.51.0.0/16' }, endMs: 50 },
      { key, port: 25, to: { prefix: '192.0.2.7' } },
      { key, port: 465, to: { provider: 'google' } },
      { key: other, port: 25, to: { prefix: '203.0.113.0/24' } },
    ],
    cuts: [],
    released: [],
  };
  return gateOf({ ...nothing, ...changes }, key, providers);
}

describe('the gate', () => {
  test('nobody is refused who is not held, nor where nothing is held', () => {
    expect(gate({}).refuses('20.1.1.1', 25, 0)).toBe(false);
    expect(gate({ blocked: [{ key: other }] }).refuses('20.1.1.1', 25, 0)).toBe(false);
    expect(gate({ blocked: held, holding: false }).refuses('20.1.1.1', 25, 0)).toBe(false);
    expect(gate({ slowed: held }).refuses('20.1.1.1', 25, 0)).toBe(false);
  });

  test('a blocked device is refused its relays too, until the end', () => {
    const { refuses } = gate({ blocked: held });
    expect(refuses('192.0.2.7', 25, 99)).toBe(true);
    expect(refuses('20.1.1.1', 587, 99)).toBe(true);
    expect(refuses('20.1.1.1', 587, 100)).toBe(false);
  });

  test('a restricted device keeps its relays: by prefix, address or provider, at their port, until they end', () => {
    const { refuses } = gate({ restricted: held });
    expect(refuses('198.51.7.7', 587, 49)).toBe(false);
    expect(refuses('198.51.7.7', 587, 50)).toBe(true);
    expect(refuses('198.51.7.7', 465, 49)).toBe(true);
    expect(refuses('192.0.2.7', 25, 49)).toBe(false);
    expect(refuses('192.0.2.8', 25, 49)).toBe(true);
    expect(refuses('74.125.1.1', 465, 49)).toBe(false);
    expect(refuses('2a00:1450::1', 465, 49)).toBe(false);
    expect(refuses('203.0.113.5', 25, 49)).toBe(true);
    expect(refuses('203.0.113.5', 25, 100)).toBe(false);
  });

  test('strict holds port 25 alone, of a device or a whole network, unless lenient or released', () => {
    const iot = networks.map((network) => ({ ...network, class: 'iot' as const }));
    for (const changes of [{ strict: held }, { networks: iot }]) {
      const { refuses } = gate(changes);
      expect(refuses('20.1.1.1', 25, 1000)).toBe(true);
      expect(refuses('20.1.1.1', 587, 1000)).toBe(false);
      expect(refuses('192.0.2.7', 25, 1000)).toBe(false);
      expect(gate({ ...changes, released: held }).refuses('20.1.1.1', 25, 99)).toBe(false);
      expect(gate({ ...changes, released: held }).refuses('20.1.1.1', 25, 100)).toBe(true);
    }
    expect(gate({ networks: iot, lenient: held }).refuses('20.1.1.1', 25, 0)).toBe(false);
  });

  test('quarantine comes before the exemption, the exemption before everything else', () => {
    const exempt = [{ key, interface: 'br-lan' }];
    expect(gate({ quarantined: held, exempt }).refuses('192.0.2.7', 25, 0)).toBe(true);
    expect(gate({ blocked: held, strict: held, exempt }).refuses('20.1.1.1', 25, 0)).toBe(false);
  });
});
