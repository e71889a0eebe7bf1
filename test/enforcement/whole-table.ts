import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { DesiredRuleset } from '../../daemon/enforcement/desired.ts';
import { Enforcer } from '../../daemon/enforcement/enforcer.ts';
import { parseListing, setsAmong } from '../../daemon/enforcement/listing.ts';
import { keyOf, known, networks, ruleset } from './rulesets.ts';
import { client, guest, SmallNet, server4, tunnel } from './small-net.ts';

const foreign =
  'table inet fw4 { set s { type ipv4_addr; elements = { 192.0.2.1 } }; chain c { type filter hook forward priority 0; ip saddr @s counter accept; }; }';
const provider = {
  name: 'big',
  prefixes: ['198.51.100.0/25', '198.51.100.128/25', '2001:db8:8000::/33', '198.51.100.0/24'],
};

/** A ruleset with something in every kind of set. */
export function everything(): DesiredRuleset {
  const key = keyOf(client.mac);
  const held = [
    { key },
    { key: keyOf(tunnel.ip4), endMs: 600_000 },
    { key: keyOf(tunnel.net6), endMs: 90_000 },
  ];
  return ruleset({
    networks: networks('iot'),
    maskEvents: true,
    providers: [provider, { name: 'small', prefixes: [] }],
    blocked: held,
    restricted: held,
    slowed: held,
    quarantined: [{ key: keyOf(guest.mac), endMs: 60_000 }],
    strict: held,
    lenient: [{ key: keyOf('10.77.1.9') }],
    known: [known(client.mac, 'iot'), known(guest.mac), known(tunnel.ip4)],
    released: [{ key: keyOf('10.77.1.8'), endMs: 5_000_000 }],
    exempt: [
      { key, interface: 'lan0' },
      { key, interface: 'lan0', address: client.ip4 },
      { key, interface: 'lan0', address: client.ip6 },
      { key: keyOf(tunnel.ip4), interface: 'tun0' },
      { key: keyOf(tunnel.net6), interface: 'tun0' },
      { key: keyOf(tunnel.net6), interface: 'tun0', address: tunnel.ip6 },
    ],
    relays: [
      { key, port: 25, to: { prefix: server4 }, endMs: 2_592_000_000 },
      { key, port: 587, to: { prefix: '198.51.0.0/16' } },
      { key, port: 587, to: { prefix: '198.51.7.0/24' } },
      { key, port: 465, to: { prefix: '2001:db8::/32' }, endMs: 60_000 },
      { key: keyOf(tunnel.ip4), port: 465, to: { prefix: '198.51.100.0/24' } },
      { key: keyOf(tunnel.net6), port: 465, to: { prefix: '2001:db8::1' } },
      { key, port: 25, to: { provider: 'big' }, endMs: 60_000 },
      { key: keyOf(tunnel.ip4), port: 2525, to: { provider: 'small' } },
    ],
    cuts: [{ src: client.ip4, sport: 40_000, dst: server4, dport: 25, endMs: 120_000 }],
  });
}

/** A small network whose router has our table and another program's; call it inside a suite. */
export function useTable() {
  const table = { net: new SmallNet(), enforcer: undefined as unknown as Enforcer };

  beforeAll(async () => {
    await table.net.start();
    table.net.run('router', ['nft', foreign]);
  });
  afterAll(() => table.net.stop());
  beforeEach(async () => {
    table.enforcer = new Enforcer(table.net.nft, () => performance.now());
    await table.enforcer.remove();
  });
  // Whatever a test does, the table of the other program is as it was.
  afterEach(() => {
    expect(nft('list', 'table', 'inet', 'fw4')).toContain('ip saddr @s counter packets');
    expect(nft('list', 'tables').trim().split('\n').length).toBeLessThanOrEqual(2);
  });

  const nft = (...args: string[]) => table.net.run('router', ['nft', ...args]);
  const objects = () => parseListing(nft('-j', 'list', 'table', 'inet', 'postern'), 'postern') ?? [];
  const elements = (set: string) => setsAmong(objects()).sets.get(set)?.elements ?? [];
  /** Everything but handles and what is left of an element's time. */
  const listing = () =>
    objects().map(({ kind, value }) => {
      const text = JSON.stringify(value, (key, inner: unknown) =>
        ['handle', 'expires'].includes(key) ? undefined : inner,
      );
      const elem = value['elem'] as unknown[] | undefined;
      return [
        kind,
        elem ? JSON.stringify([...elem.map((e) => JSON.stringify(e))].sort()).length : 0,
        elem ? '' : text,
      ];
    });
  const sorted = (list: unknown[]) => list.map((item) => JSON.stringify(item)).sort();
  const load = (script: string) => {
    const file = join(table.net.dir, 'guard.nft');
    writeFileSync(file, script);
    nft('-c', '-f', file);
    nft('-f', file);
  };
  const apply = async (desired: DesiredRuleset, nowMs = 0) =>
    expect(await table.enforcer.apply(desired, nowMs)).toMatchObject({ ok: true, attempts: 1 });

  return { table, nft, objects, elements, listing, sorted, load, apply };
}
