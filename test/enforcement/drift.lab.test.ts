import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { staticScript } from '../../daemon/enforcement/static-script.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { keyOf, ruleset } from './rulesets.ts';
import { client, guest, server4 } from './small-net.ts';
import { everything, useTable } from './whole-table.ts';

describeLab('the table when somebody changes it', () => {
  const { table, nft, elements, load, apply } = useTable();

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

  test('what the kernel holds differently than believed is set right in the same call', async () => {
    await apply(everything());
    nft('delete', 'table', 'inet', 'postern');
    const result = await table.enforcer.apply({ ...everything(), slowed: [{ key: keyOf(guest.mac) }] }, 0);
    expect(result).toMatchObject({ ok: true, attempts: 2 });
    expect(elements('slowed_mac').map(({ parts }) => parts[0])).toEqual([guest.mac]);
    nft('flush', 'table', 'inet', 'postern');
    nft('delete', 'set', 'inet', 'postern', 'slowed_ip4');
    nft('add', 'map', 'inet', 'postern', 'slowed_ip4', '{ type ipv4_addr : mark; }');
    expect(
      await table.enforcer.apply({ ...everything(), slowed: [{ key: keyOf('10.77.1.5') }] }, 0),
    ).toMatchObject({
      ok: true,
      attempts: 3,
    });
  });

  test('drift is found, named and repaired', async () => {
    const desired = everything();
    const startMs = performance.now();
    const now = () => performance.now() - startMs;
    await apply(desired, now());
    expect(await table.enforcer.checkDrift(now())).toEqual([]);
    const drift = async (command: string, expected: unknown) => {
      nft(...command.split(' '));
      expect(await table.enforcer.checkDrift(now())).toEqual(expected);
      expect(await table.enforcer.apply(desired, now())).toMatchObject({ ok: true });
      expect(await table.enforcer.checkDrift(now())).toEqual([]);
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
    await drift('add table inet postern { flags dormant ; }', [{ what: 'table-changed', name: 'postern' }]);
    expect(nft('-t', 'list', 'table', 'inet', 'postern')).not.toContain('dormant');
    const whole = [{ what: 'set-changed', name: 'provider_big4' }];
    await drift('flush set inet postern provider_big4', whole);
    await drift('add element inet postern provider_big4 { 192.0.2.0/24 }', whole);
    expect(elements('provider_big4').map(({ parts }) => parts[0])).toEqual(['198.51.100.0/24']);
    load(staticScript({ ...desired, blocked: [{ key: keyOf(guest.mac) }] }, now()));
    expect(await table.enforcer.checkDrift(now())).toEqual([
      { what: 'rewritten' },
      { what: 'element-added', set: 'blocked_mac', key: keyOf(guest.mac) },
    ]);
    expect(await table.enforcer.apply(desired, now())).toMatchObject({ ok: true });
    expect(await table.enforcer.checkDrift(now())).toEqual([]);
  });

  test('what packets count, and what ends by itself, is no drift', async () => {
    await apply(ruleset({ blocked: [{ key: keyOf(client.mac), endMs: 1000 }], maskEvents: true }));
    await table.net.dial('client', server4, 25);
    await table.net.dial('guest', server4, 25);
    expect(await table.enforcer.checkDrift(100)).toEqual([]);
    await sleep(1100);
    expect(await table.enforcer.checkDrift(1200)).toEqual([]);
    expect(elements('blocked_mac')).toEqual([]);
    expect(await table.enforcer.checkDrift(60_000)).toEqual([]);
  });
});
