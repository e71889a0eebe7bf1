import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DesiredRuleset } from '../../daemon/enforcement/desired.ts';
import { Enforcer } from '../../daemon/enforcement/enforcer.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { keyOf, known, ruleset } from './rulesets.ts';
import { client, guest, type Host, SmallNet, server4, server6, tunnel } from './small-net.ts';

const guarded = ['lan', 'guest', 'vpn'];

describeLab('what the kernel counts', () => {
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
    expect(await enforcer.apply(ruleset(changes), 0)).toMatchObject({ ok: true, attempts: 1 });
  const dial = async (times: number, host: Host, to: string, port: number) => {
    const outcomes = new Set<string>();
    for (let i = 0; i < times; i++) outcomes.add(await net.dial(host, to, port));
    return [...outcomes];
  };

  test('the ledger counts each new mail connection that passes once: by device, source and port, known or not', async () => {
    await apply({ known: [known(client.mac)], blocked: [{ key: keyOf(guest.mac) }] });
    await dial(3, 'client', server4, 25);
    await dial(2, 'client', '203.0.113.9', 25);
    await dial(4, 'client', server6, 587);
    await dial(2, 'guest', server4, 2525);
    await dial(3, 'tunnel', server4, 465);
    await dial(2, 'tunnel', server6, 465);
    await dial(2, 'client', server4, 80);
    await dial(1, 'router', server4, 25);
    await dial(2, 'client', guest.ip4, 25);
    // Packets of a live session are no connections.
    const session = await net.connect('client', server4, 25, { keep: true });
    for (let i = 0; i < 5; i++) await net.send('client', session.socket, 100);
    const reading = await enforcer.read(['ledger'], guarded);
    const row = (network: string, key: string, src: string, port: number, connections: number) => ({
      network,
      key: key === 'router' ? key : keyOf(key),
      src,
      port,
      connections,
    });
    expect(new Set(reading?.ledger)).toEqual(
      new Set([
        row('lan', client.mac, client.ip4, 25, 6),
        row('lan', client.mac, client.ip6, 587, 4),
        row('vpn', tunnel.ip4, tunnel.ip4, 465, 3),
        row('vpn', tunnel.net6, tunnel.ip6, 465, 2),
        row('router', 'router', '10.77.9.1', 25, 1),
      ]),
    );
    expect(reading?.full).toEqual([]);
    expect(reading?.dropped).toBe(0);
  });

  test('a SYN that is repeated because nobody answers counts once', async () => {
    await apply({ known: [known(client.mac)] });
    net.run('router', ['ip', 'route', 'add', '192.0.2.0/24', 'via', '10.77.9.2']);
    net.run('server', ['ip', 'route', 'add', 'blackhole', '192.0.2.0/24']);
    expect(await net.dial('client', '192.0.2.1', 25)).toBe('timeout');
    const reading = await enforcer.read(['ledger'], guarded);
    expect(reading?.ledger).toEqual([
      { network: 'lan', key: keyOf(client.mac), src: client.ip4, port: 25, connections: 1 },
    ]);
  });

  test('attempts count what was refused, by destination, and hits by device', async () => {
    await apply({
      blocked: [{ key: keyOf(client.mac) }, { key: keyOf(tunnel.ip4) }, { key: keyOf(tunnel.net6) }],
    });
    expect(await dial(3, 'client', server4, 25)).toEqual(['ECONNREFUSED']);
    expect(await dial(2, 'client', server6, 587)).toEqual(['ECONNREFUSED']);
    expect(await dial(4, 'tunnel', server4, 25)).toEqual(['ECONNREFUSED']);
    expect(await dial(1, 'tunnel', server6, 25)).toEqual(['ECONNREFUSED']);
    await dial(2, 'guest', server4, 25);
    const reading = await enforcer.read(['attempts', 'hits'], guarded);
    expect(new Set(reading?.attempts)).toEqual(
      new Set([
        { key: keyOf(client.mac), dst: server4, port: 25, attempts: 3 },
        { key: keyOf(client.mac), dst: server6, port: 587, attempts: 2 },
        { key: keyOf(tunnel.ip4), dst: server4, port: 25, attempts: 4 },
        { key: keyOf(tunnel.net6), dst: server6, port: 25, attempts: 1 },
      ]),
    );
    // More where the end of a session of an earlier test comes late.
    const hits = (text: string) => reading?.hits.find(({ key }) => key === keyOf(text));
    expect(reading?.hits.map(({ hold }) => hold)).toEqual(['blocked', 'blocked', 'blocked']);
    expect(hits(client.mac)?.packets).toBeGreaterThanOrEqual(5);
    expect(hits(tunnel.ip4)?.packets).toBeGreaterThanOrEqual(4);
    expect(hits(tunnel.net6)?.packets).toBeGreaterThanOrEqual(1);
    expect(reading?.ledger).toBeUndefined();
  });

  test('a host known by its address behind Ethernet counts under the address', async () => {
    await apply({ blocked: [{ key: keyOf(client.ip4) }], known: [known(client.mac)] });
    await dial(2, 'client', server4, 25);
    const reading = await enforcer.read(['attempts'], guarded);
    expect(reading?.attempts).toEqual([{ key: keyOf(client.ip4), dst: server4, port: 25, attempts: 2 }]);
  });

  test('counters and limits outlive a new structure, and the end of the process', async () => {
    await apply({ known: [known(client.mac)] });
    await dial(3, 'client', server4, 25);
    await apply({ blocked: [{ key: keyOf(client.mac) }] });
    await dial(3, 'client', server4, 25);
    await apply({ refuse: 'drop', blocked: [{ key: keyOf(client.mac) }] });
    const next = new Enforcer(net.nft, () => performance.now());
    expect((await next.adopt(0))?.ledger).toMatchObject([{ connections: 3, port: 25 }]);
    await next.apply(ruleset({ blocked: [{ key: keyOf(client.mac) }], maskEvents: true }), 0);
    const reading = await next.read(['attempts', 'ledger'], guarded);
    expect(reading?.attempts[0]?.attempts).toBe(3);
    expect(reading?.ledger?.[0]?.connections).toBe(3);
    enforcer = next;
  });
});
