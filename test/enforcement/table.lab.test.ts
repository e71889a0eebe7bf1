import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { AllowedRelay, DesiredRuleset } from '../../daemon/enforcement/desired.ts';
import { elementDrift } from '../../daemon/enforcement/drift.ts';
import { Enforcer } from '../../daemon/enforcement/enforcer.ts';
import { parseListing, setsAmong } from '../../daemon/enforcement/listing.ts';
import { plan } from '../../daemon/enforcement/plan.ts';
import { listedContents } from '../../daemon/enforcement/read-back.ts';
import { staticScript } from '../../daemon/enforcement/static-script.ts';
import { layoutChain } from '../../daemon/enforcement/table.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { keyOf, known, networks, ruleset } from './rulesets.ts';
import { client, guest, SmallNet, server4, tunnel } from './small-net.ts';
import { desiredAt, step } from './steps.ts';

const foreign =
  'table inet fw4 { set s { type ipv4_addr; elements = { 192.0.2.1 } }; chain c { type filter hook forward priority 0; ip saddr @s counter accept; }; }';
const provider = {
  name: 'big',
  prefixes: ['198.51.100.0/25', '198.51.100.128/25', '2001:db8:8000::/33', '198.51.100.0/24'],
};

/** A ruleset with something in every kind of set. */
function everything(): DesiredRuleset {
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

describeLab('the table as a whole', () => {
  let net: SmallNet;
  let enforcer: Enforcer;

  beforeAll(async () => {
    net = new SmallNet();
    await net.start();
    net.run('router', ['nft', foreign]);
  });
  afterAll(() => net?.stop());
  beforeEach(async () => {
    enforcer = new Enforcer(net.nft, () => performance.now());
    await enforcer.remove();
  });
  // Whatever a test does, the table of the other program is as it was.
  afterEach(() => {
    expect(nft('list', 'table', 'inet', 'fw4')).toContain('ip saddr @s counter packets');
    expect(nft('list', 'tables').trim().split('\n').length).toBeLessThanOrEqual(2);
  });

  const nft = (...args: string[]) => net.run('router', ['nft', ...args]);
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
    const file = join(net.dir, 'guard.nft');
    writeFileSync(file, script);
    nft('-c', '-f', file);
    nft('-f', file);
  };
  const apply = async (desired: DesiredRuleset, nowMs = 0) =>
    expect(await enforcer.apply(desired, nowMs)).toMatchObject({ ok: true, attempts: 1 });

  test('transaction and script make the same table', async () => {
    await apply(everything());
    const byJson = sorted(listing());
    const bans = sorted([
      ...elements('blocked_mac'),
      ...elements('blocked_ip4'),
      ...elements('relay_nets_mac4'),
    ]);
    await enforcer.remove();
    load(staticScript(everything(), 0));
    expect(sorted(listing())).toEqual(byJson);
    expect(
      sorted([...elements('blocked_mac'), ...elements('blocked_ip4'), ...elements('relay_nets_mac4')]),
    ).toEqual(bans);
    expect(elements('relay_nets_mac4').map(({ parts }) => parts[1])).toEqual(['198.51.0.0/16']);
    expect(elements('provider_big4').map(({ parts }) => parts[0])).toEqual(['198.51.100.0/24']);
  });

  test('the script loads any number of times, over itself and over the table of a daemon, and keeps elements', async () => {
    await apply(ruleset({ known: [known(guest.mac)] }));
    await net.dial('guest', server4, 25);
    await apply(ruleset({ known: [known(guest.mac)], blocked: [{ key: keyOf(guest.mac) }] }));
    await net.dial('guest', server4, 25);
    for (let i = 0; i < 3; i++) load(staticScript(everything(), 0));
    expect(
      elements('blocked_mac')
        .map(({ parts }) => parts[0])
        .sort(),
    ).toEqual([client.mac, guest.mac]);
    expect(elements('attempts_mac4')).toMatchObject([{ parts: [guest.mac, server4, 25], packets: 1 }]);
    expect(elements('ledger_mac4_guest')).toMatchObject([{ packets: 1 }]);
    const rules = objects().filter(({ kind }) => kind === 'rule').length;
    load(staticScript(everything(), 0));
    expect(objects().filter(({ kind }) => kind === 'rule')).toHaveLength(rules);
  });

  test('a daemon that starts adopts the bans with what is left of their time, and keeps the counts', async () => {
    await apply(
      ruleset({
        blocked: [{ key: keyOf(client.mac), endMs: 100_000 }],
        restricted: [{ key: keyOf(tunnel.net6) }],
      }),
    );
    await net.dial('client', server4, 25);
    const next = new Enforcer(net.nft, () => performance.now());
    const adopted = await next.adopt(1_000_000);
    expect(adopted?.restricted).toEqual([{ key: keyOf(tunnel.net6) }]);
    expect(adopted?.blocked).toMatchObject([{ key: keyOf(client.mac) }]);
    const endMs = adopted?.blocked[0]?.endMs ?? 0;
    expect(Math.abs(endMs - 1_100_000)).toBeLessThan(3000);
    const result = await next.apply(ruleset({ ...adopted, maskEvents: true }), 1_000_000);
    expect(result).toMatchObject({ ok: true, attempts: 1, isStructural: true });
    expect(elements('blocked_mac')[0]?.expiresS).toBeLessThanOrEqual(100);
    expect(elements('attempts_mac4')).toMatchObject([{ packets: 1 }]);
    expect(await new Enforcer(net.nft, () => 0).adopt(0)).toBeDefined();
    await next.remove();
    expect(await new Enforcer(net.nft, () => 0).adopt(0)).toBeUndefined();
  });

  test('a table of another layout is adopted from, and built anew', async () => {
    await apply(ruleset({ blocked: [{ key: keyOf(client.mac) }] }));
    nft('flush', 'table', 'inet', 'postern');
    nft('delete', 'chain', 'inet', 'postern', layoutChain);
    const next = new Enforcer(net.nft, () => performance.now());
    const adopted = await next.adopt(0);
    expect(adopted?.blocked).toEqual([{ key: keyOf(client.mac) }]);
    expect(await next.apply(ruleset({ ...adopted }), 0)).toMatchObject({ ok: true, attempts: 1 });
    expect(elements('blocked_mac')).toHaveLength(1);
  });

  test('the end of a ban is moved, near its expiry too', async () => {
    const held = (endMs?: number) =>
      ruleset({ blocked: [{ key: keyOf(client.mac), ...(endMs !== undefined && { endMs }) }] });
    await apply(held(100_000));
    await apply(held(50_000));
    expect(elements('blocked_mac')[0]?.expiresS).toBeLessThanOrEqual(50);
    await apply(held());
    expect(elements('blocked_mac')[0]?.expiresS).toBeUndefined();
    await apply(held(1000));
    for (const at of [900, 1500, 3000, 1_000_000]) {
      await sleep(100);
      await apply(held(at + 20_000), at);
      expect(elements('blocked_mac')[0]?.expiresS).toBeGreaterThan(15);
      await apply(ruleset(), at);
      expect(elements('blocked_mac')).toEqual([]);
      await apply(held(at + 1000), at);
      await sleep(at === 3000 ? 1100 : 500);
      // Gone by itself or not: neither fails.
      await apply(ruleset(), at + 990);
      await apply(held(at + 60_000), at + 1200);
      expect(elements('blocked_mac')[0]?.expiresS).toBeGreaterThan(15);
      await apply(ruleset(), at + 1300);
      await apply(held(at + 1000), at);
    }
  });

  test('the script loads over a table that only watched, and over one that the script made', async () => {
    await apply(ruleset({ holding: false }));
    load(staticScript(everything(), 0));
    await apply(ruleset({ holding: false }));
    await apply(everything());
    load(staticScript(everything(), 0));
    const next = new Enforcer(net.nft, () => performance.now());
    expect(await next.apply(everything(), 0)).toMatchObject({ ok: true, attempts: 1 });
  });

  test('what the kernel holds differently than believed is set right in the same call', async () => {
    await apply(everything());
    nft('delete', 'table', 'inet', 'postern');
    const result = await enforcer.apply({ ...everything(), slowed: [{ key: keyOf(guest.mac) }] }, 0);
    expect(result).toMatchObject({ ok: true, attempts: 2 });
    expect(elements('slowed_mac').map(({ parts }) => parts[0])).toEqual([guest.mac]);
    nft('flush', 'table', 'inet', 'postern');
    nft('delete', 'set', 'inet', 'postern', 'slowed_ip4');
    nft('add', 'map', 'inet', 'postern', 'slowed_ip4', '{ type ipv4_addr : mark; }');
    expect(await enforcer.apply({ ...everything(), slowed: [{ key: keyOf('10.77.1.5') }] }, 0)).toMatchObject(
      {
        ok: true,
        attempts: 3,
      },
    );
  });

  test('drift is found, named and repaired', async () => {
    const desired = everything();
    await apply(desired);
    expect(await enforcer.checkDrift(0)).toEqual([]);
    const drift = async (command: string, expected: unknown) => {
      nft(...command.split(' '));
      expect(await enforcer.checkDrift(0)).toEqual(expected);
      expect(await enforcer.apply(desired, 0)).toMatchObject({ ok: true });
      expect(await enforcer.checkDrift(0)).toEqual([]);
    };
    const key = keyOf(client.mac);
    await drift('delete table inet postern', [{ what: 'table-missing' }]);
    await drift(`delete element inet postern blocked_mac { ${client.mac} }`, [
      { what: 'element-missing', set: 'blocked_mac', key },
    ]);
    await drift(`add element inet postern restricted_mac { ${guest.mac} }`, [
      { what: 'element-added', set: 'restricted_mac', key: keyOf(guest.mac) },
    ]);
    await drift('flush chain inet postern mail', [{ what: 'rules-changed', name: 'mail' }]);
    await drift('insert rule inet postern forward accept', [{ what: 'rules-changed', name: 'forward' }]);
    await drift('add chain inet postern other', [{ what: 'chain-changed', name: 'other' }]);
    load(staticScript({ ...desired, blocked: [{ key: keyOf(guest.mac) }] }, 0));
    expect(await enforcer.checkDrift(0)).toEqual([
      { what: 'rewritten' },
      { what: 'element-added', set: 'blocked_mac', key: keyOf(guest.mac) },
    ]);
    expect(await enforcer.apply(desired, 0)).toMatchObject({ ok: true });
    expect(await enforcer.checkDrift(0)).toEqual([]);
  });

  test('what packets count, and what ends by itself, is no drift', async () => {
    await apply(ruleset({ blocked: [{ key: keyOf(client.mac), endMs: 1000 }], maskEvents: true }));
    await net.dial('client', server4, 25);
    await net.dial('guest', server4, 25);
    expect(await enforcer.checkDrift(100)).toEqual([]);
    await sleep(1100);
    expect(await enforcer.checkDrift(1200)).toEqual([]);
    expect(elements('blocked_mac')).toEqual([]);
    expect(await enforcer.checkDrift(60_000)).toEqual([]);
  });

  test('512 bans and 4,096 relays go in as one transaction', async () => {
    const mac = (i: number) =>
      `02:00:00:01:${(i >> 8).toString(16).padStart(2, '0')}:${(i & 255).toString(16).padStart(2, '0')}`;
    const blocked = Array.from({ length: 600 }, (_, i) => ({ key: keyOf(mac(i)), endMs: 3_600_000 }));
    const relays = Array.from({ length: 4096 }, (_, i): AllowedRelay => {
      const to = { prefix: `198.${i >> 8}.${i & 255}.1` };
      return { key: keyOf(mac(i & 511)), port: 587, to, endMs: 3_600_000 };
    });
    const desired = ruleset({ blocked, relays });
    const result = await enforcer.apply(desired, 0);
    expect(result).toMatchObject({ ok: true, attempts: 1 });
    expect(result.ok && result.omitted.some(({ why }) => why === 'too-many')).toBe(true);
    expect(elements('blocked_mac')).toHaveLength(512);
    expect(elements('relays_mac4')).toHaveLength(4096);
    load(staticScript(desired, 0));
    // A change of one element is one element.
    expect(await enforcer.apply({ ...desired, slowed: [{ key: keyOf(guest.mac) }] }, 0)).toMatchObject({
      isStructural: false,
    });
    expect(await enforcer.apply({ ...desired, blocked: [], relays: [] }, 0)).toMatchObject({
      ok: true,
      attempts: 1,
    });
    expect(elements('relays_mac4')).toEqual([]);
  });

  test('the newest of several rulesets wins', async () => {
    await apply(ruleset());
    const results = await Promise.all(
      [client.mac, guest.mac, '02:00:00:00:05:05'].map((mac) =>
        enforcer.apply(ruleset({ blocked: [{ key: keyOf(mac) }] }), 0),
      ),
    );
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(elements('blocked_mac').map(({ parts }) => parts[0])).toEqual(['02:00:00:00:05:05']);
  });

  test('networks come and go while counts of the others stay', async () => {
    await apply(ruleset({ known: [known(client.mac)] }));
    await net.dial('client', server4, 25);
    await net.dial('guest', server4, 25);
    const fewer = networks().filter(({ name }) => name !== 'guest');
    await apply(ruleset({ networks: fewer, known: [known(client.mac)] }));
    expect(elements('ledger_mac4_lan')).toMatchObject([{ packets: 1 }]);
    expect(setsAmong(objects()).sets.has('ledger_mac4_guest')).toBe(false);
    await apply(ruleset({ networks: [], known: [known(client.mac)] }));
    await apply(ruleset({ networks: networks('iot'), known: [known(client.mac)] }));
    expect(elements('ledger_mac4_guest')).toEqual([]);
  });

  test('any sequence of rulesets is taken, and ends with what the last one says', async () => {
    const sequences = fc.sample(fc.array(step, { minLength: 3, maxLength: 5 }), { numRuns: 12, seed: 25 });
    for (const steps of sequences) {
      let last = ruleset();
      for (const change of steps) {
        // Ends lie half an hour ahead, so that none comes while the test runs.
        last = desiredAt(change, 1_800_000);
        if (change.isForgotten) {
          enforcer = new Enforcer(net.nft, () => performance.now());
          await enforcer.adopt(0);
        }
        await apply(last);
      }
      const wanted = plan(undefined, last, 0).next.contents;
      const present = listedContents(objects(), 0);
      const keys = (contents: typeof wanted) =>
        [...contents].flatMap(([set, list]) => [...list.keys()].map((key) => `${set} ${key}`)).sort();
      expect(keys(present)).toEqual(keys(wanted));
      expect(elementDrift(wanted, present, [...wanted.keys()], 0)).toEqual([]);
    }
  });

  test('scripts are plain text with nothing but our own words', () => {
    load(staticScript(everything(), 0));
    expect(readFileSync(join(net.dir, 'guard.nft'), 'utf8')).toMatch(/^[\x20-\x7e\n]*$/);
  });
});
