import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Enforcer } from '../../daemon/enforcement/enforcer.ts';
import { staticScript } from '../../daemon/enforcement/static-script.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { keyOf, known, ruleset } from './rulesets.ts';
import { client, guest, server4, server6 } from './small-net.ts';
import { everything, useTable } from './whole-table.ts';

describeLab('the table as a script', () => {
  const { table, objects, elements, listing, sorted, load, apply } = useTable();

  test('transaction and script make the same table', async () => {
    await apply(everything());
    const byJson = sorted(listing());
    const bans = sorted([
      ...elements('blocked_mac'),
      ...elements('blocked_ip4'),
      ...elements('relay_nets_mac4'),
    ]);
    await table.enforcer.remove();
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
    await table.net.dial('guest', server4, 25);
    await apply(ruleset({ known: [known(guest.mac)], blocked: [{ key: keyOf(guest.mac) }] }));
    await table.net.dial('guest', server4, 25);
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

  test('the script loads over a table that only watched, and over one that the script made', async () => {
    await apply(ruleset({ holding: false }));
    load(staticScript(everything(), 0));
    await apply(ruleset({ holding: false }));
    await apply(everything());
    load(staticScript(everything(), 0));
    const next = new Enforcer(table.net.nft, () => performance.now());
    expect(await next.apply(everything(), 0)).toMatchObject({ ok: true, attempts: 1 });
    // Into every set that the script declared and a ban may go to.
    const more = [guest.mac, '10.77.2.2', 'fd77:2::'].map((text) => ({ key: keyOf(text) }));
    const { blocked, restricted, slowed, released } = everything();
    const lists = { blocked, restricted, slowed, released };
    const grown = Object.entries(lists).map(([hold, list]) => [hold, [...list, ...more]]);
    const cuts = [{ src: guest.ip6, sport: 40_000, dst: server6, dport: 25 as const, endMs: 120_000 }];
    const desired = { ...everything(), ...Object.fromEntries(grown), cuts };
    expect(await next.apply(desired, 0)).toMatchObject({ ok: true, attempts: 1, isStructural: false });
    expect(elements('slowed_ip6').map(({ parts }) => parts[0])).toContain('fd77:2::');
  });

  test('scripts are plain text with nothing but our own words', () => {
    load(staticScript(everything(), 0));
    expect(readFileSync(join(table.net.dir, 'guard.nft'), 'utf8')).toMatch(/^[\x20-\x7e\n]*$/);
  });
});
