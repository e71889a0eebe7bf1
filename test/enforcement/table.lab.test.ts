import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AllowedRelay } from '../../daemon/enforcement/desired.ts';
import { elementDrift } from '../../daemon/enforcement/drift.ts';
import { Enforcer } from '../../daemon/enforcement/enforcer.ts';
import { setsAmong } from '../../daemon/enforcement/listing.ts';
import { plan } from '../../daemon/enforcement/plan.ts';
import { listedContents } from '../../daemon/enforcement/read-back.ts';
import { staticScript } from '../../daemon/enforcement/static-script.ts';
import { layoutChain } from '../../daemon/enforcement/table.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { keyOf, known, networks, ruleset } from './rulesets.ts';
import { client, guest, server4, tunnel } from './small-net.ts';
import { desiredAt, step } from './steps.ts';
import { useTable } from './whole-table.ts';

describeLab('the table as a whole', () => {
  const { table, nft, objects, elements, load, apply } = useTable();

  test('a daemon that starts adopts the bans with what is left of their time, and keeps the counts', async () => {
    await apply(
      ruleset({
        blocked: [{ key: keyOf(client.mac), endMs: 100_000 }],
        restricted: [{ key: keyOf(tunnel.net6) }],
      }),
    );
    await table.net.dial('client', server4, 25);
    const next = new Enforcer(table.net.nft, () => performance.now());
    const adopted = (await next.adopt(1_000_000))?.held;
    expect(adopted?.restricted).toEqual([{ key: keyOf(tunnel.net6) }]);
    expect(adopted?.blocked).toMatchObject([{ key: keyOf(client.mac) }]);
    const endMs = adopted?.blocked[0]?.endMs ?? 0;
    expect(Math.abs(endMs - 1_100_000)).toBeLessThan(3000);
    const result = await next.apply(ruleset({ ...adopted, maskEvents: true }), 1_000_000);
    expect(result).toMatchObject({ ok: true, attempts: 1, isStructural: true });
    expect(elements('blocked_mac')[0]?.expiresS).toBeLessThanOrEqual(100);
    expect(elements('attempts_mac4')).toMatchObject([{ packets: 1 }]);
    expect(await new Enforcer(table.net.nft, () => 0).adopt(0)).toMatchObject({ held: { blocked: [{}] } });
    await next.remove();
    expect(await new Enforcer(table.net.nft, () => 0).adopt(0)).toEqual({ held: undefined, ledger: [] });
  });

  test('a table of another layout is adopted from, and built anew', async () => {
    await apply(ruleset({ blocked: [{ key: keyOf(client.mac) }] }));
    nft('flush', 'table', 'inet', 'postern');
    nft('delete', 'chain', 'inet', 'postern', layoutChain);
    const next = new Enforcer(table.net.nft, () => performance.now());
    const adopted = (await next.adopt(0))?.held;
    expect(adopted?.blocked).toEqual([{ key: keyOf(client.mac) }]);
    expect(await next.apply(ruleset({ ...adopted }), 0)).toMatchObject({ ok: true, attempts: 1 });
    expect(elements('blocked_mac')).toHaveLength(1);
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
    const result = await table.enforcer.apply(desired, 0);
    expect(result).toMatchObject({ ok: true, attempts: 1 });
    expect(result.ok && result.omitted.some(({ why }) => why === 'too-many')).toBe(true);
    expect(elements('blocked_mac')).toHaveLength(512);
    expect(elements('relays_mac4')).toHaveLength(4096);
    load(staticScript(desired, 0));
    // A change of one element is one element.
    expect(await table.enforcer.apply({ ...desired, slowed: [{ key: keyOf(guest.mac) }] }, 0)).toMatchObject({
      isStructural: false,
    });
    expect(await table.enforcer.apply({ ...desired, blocked: [], relays: [] }, 0)).toMatchObject({
      ok: true,
      attempts: 1,
    });
    expect(elements('relays_mac4')).toEqual([]);
  });

  test('the newest of several rulesets wins', async () => {
    await apply(ruleset());
    const results = await Promise.all(
      [client.mac, guest.mac, '02:00:00:00:05:05'].map((mac) =>
        table.enforcer.apply(ruleset({ blocked: [{ key: keyOf(mac) }] }), 0),
      ),
    );
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(elements('blocked_mac').map(({ parts }) => parts[0])).toEqual(['02:00:00:00:05:05']);
  });

  test('networks come and go while counts of the others stay', async () => {
    await apply(ruleset({ known: [known(client.mac)] }));
    await table.net.dial('client', server4, 25);
    await table.net.dial('guest', server4, 25);
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
    // The kernel's time goes on meanwhile.
    const beganMs = performance.now();
    const nowMs = () => performance.now() - beganMs;
    for (const steps of sequences) {
      let last = ruleset();
      for (const change of steps) {
        // Ends lie half an hour ahead, so that none comes while the test runs.
        last = desiredAt(change, 1_800_000);
        if (change.isForgotten) {
          table.enforcer = new Enforcer(table.net.nft, () => performance.now());
          await table.enforcer.adopt(nowMs());
        }
        await apply(last, nowMs());
      }
      const wanted = plan(undefined, last, nowMs()).next.contents;
      const listed = objects();
      const atMs = nowMs();
      const present = listedContents(listed, atMs);
      const keys = (contents: typeof wanted) =>
        [...contents].flatMap(([set, list]) => [...list.keys()].map((key) => `${set} ${key}`)).sort();
      expect(keys(present)).toEqual(keys(wanted));
      expect(elementDrift(wanted, present, [...wanted.keys()], atMs)).toEqual([]);
    }
  });
});
