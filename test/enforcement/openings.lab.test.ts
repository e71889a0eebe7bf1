import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openings } from '../../daemon/enforcement/budgets.ts';
import type { DesiredRuleset } from '../../daemon/enforcement/desired.ts';
import { Enforcer } from '../../daemon/enforcement/enforcer.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { keyOf, known, ruleset } from './rulesets.ts';
import { client, guest, type Host, SmallNet, server4, server6, tunnel } from './small-net.ts';

/** Sessions that begin at once: more than a device may, and few enough that the last of them waits some seconds. */
const atOnce = 4;

describeLab('sessions that begin at once', () => {
  let net: SmallNet;
  let enforcer: Enforcer;

  beforeAll(async () => {
    net = new SmallNet();
    await net.start();
    enforcer = new Enforcer(net.nft, () => performance.now());
  });
  afterAll(() => net?.stop());
  beforeEach(async () => {
    await enforcer.remove();
  });

  const apply = async (changes: Partial<DesiredRuleset>) =>
    expect(await enforcer.apply(ruleset(changes), 0)).toMatchObject({ ok: true });
  /** Segments that a host's TCP has sent again. */
  const repeated = (host: Host) => {
    const [names, values] = net
      .run(host, ['cat', '/proc/net/snmp'])
      .split('\n')
      .filter((line) => line.startsWith('Tcp:'))
      .map((line) => line.split(' '));
    return Number(values?.[names?.indexOf('RetransSegs') ?? 0]);
  };
  /** Opens the sessions, then speaks first on all of them; how many had to say it again, and whether all were heard. */
  const begin = async (host: Host, to: string, port: number, bytes = 100) => {
    const sessions = await Promise.all(
      Array.from({ length: atOnce }, () => net.connect(host, to, port, { keep: true })),
    );
    expect(sessions.map(({ outcome }) => outcome)).toEqual(Array(atOnce).fill('open'));
    const before = repeated(host);
    const heard = await Promise.all(
      sessions.map(({ socket }) => net.send(host, socket, bytes, { timeoutMs: 8000 })),
    );
    expect(heard).toEqual(Array(atOnce).fill('echoed'));
    return repeated(host) - before;
  };

  test.each([
    ['a known device', 'client', server4, [known(client.mac)]],
    ['a stranger', 'guest', server6, []],
    ['a known device without Ethernet', 'tunnel', server4, [known(tunnel.ip4)]],
    ['a stranger without Ethernet', 'tunnel', server6, []],
  ] as const)('of %s: two, the others wait and nothing is refused', async (_who, host, to, devices) => {
    await apply({ known: devices });
    expect(await begin(host, to, 25)).toBeGreaterThanOrEqual(atOnce - openings.burst);
  });

  test('wait at port 25 only, to relays and for released devices not at all', async () => {
    await apply({
      known: [known(client.mac), known(guest.mac), known(tunnel.ip4)],
      relays: [{ key: keyOf(guest.mac), port: 25, to: { prefix: server4 } }],
      released: [{ key: keyOf(tunnel.ip4), endMs: 600_000 }],
    });
    expect(await begin('client', server4, 587)).toBe(0);
    expect(await begin('guest', server4, 25)).toBe(0);
    expect(await begin('tunnel', server4, 25)).toBe(0);
  });

  test('wait for nobody where conntrack does not count packets, which the table turns on', async () => {
    const accounting = (...set: string[]) => net.run('router', ['sysctl', '-n', ...set]).trim();
    const name = 'net.netfilter.nf_conntrack_acct';
    accounting('-w', `${name}=0`);
    await apply({ known: [known(client.mac)] });
    expect(accounting(name)).toBe('1');
    accounting('-w', `${name}=0`);
    expect(await begin('client', server4, 25)).toBe(0);
    accounting('-w', `${name}=1`);
  });

  test('a session that has begun is as fast as it was', async () => {
    await apply({ known: [known(client.mac)] });
    const { socket } = await net.connect('client', server4, 25, { keep: true });
    const before = repeated('client');
    for (let i = 0; i < 20; i++) expect(await net.send('client', socket, 100)).toBe('echoed');
    // In pieces that no queue on the way is too short for: what TCP repeats is then what was dropped by the table.
    for (let i = 0; i < 100; i++) expect(await net.send('client', socket, 50_000)).toBe('echoed');
    expect(repeated('client') - before).toBe(0);
  });
});
