import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DesiredRuleset } from '../../daemon/enforcement/desired.ts';
import { Enforcer } from '../../daemon/enforcement/enforcer.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { keyOf, networks, ruleset } from './rulesets.ts';
import { client, guest, type Host, SmallNet, server4, server6, tunnel } from './small-net.ts';

describeLab('what each set does, on the real kernel', () => {
  let net: SmallNet;
  let enforcer: Enforcer;

  beforeAll(async () => {
    net = new SmallNet();
    await net.start();
    enforcer = new Enforcer(net.nft, () => performance.now());
  });
  afterAll(() => net?.stop());
  // Budgets are full again and counters gone.
  beforeEach(async () => {
    await enforcer.remove();
  });

  const apply = async (changes: Partial<DesiredRuleset>) => {
    const result = await enforcer.apply(ruleset(changes), 0);
    expect(result).toMatchObject({ ok: true, attempts: 1 });
  };
  const mail = async (host: Host, port = 25) => [
    await net.dial(host, server4, port),
    await net.dial(host, server6, port),
  ];
  const open = ['open', 'open'];
  const refused = ['ECONNREFUSED', 'ECONNREFUSED'];

  test('nobody is held where nobody is named', async () => {
    await apply({});
    for (const host of ['client', 'guest', 'tunnel'] as const) expect(await mail(host)).toEqual(open);
  });

  test.each(['blocked', 'restricted', 'quarantined'] as const)(
    '%s by MAC refuses all mail over IPv4 and IPv6',
    async (hold) => {
      await apply({ [hold]: [{ key: keyOf(client.mac) }] });
      for (const port of [25, 465, 587, 2525]) expect(await mail('client', port)).toEqual(refused);
      expect(await mail('guest')).toEqual(open);
      const web = hold === 'quarantined' ? refused : open;
      expect(await mail('client', 80)).toEqual(web);
    },
  );

  test('blocked by address holds that family of one host, with Ethernet and without', async () => {
    await apply({ blocked: [{ key: keyOf(client.ip4) }, { key: keyOf(tunnel.ip4) }] });
    for (const host of ['client', 'tunnel'] as const)
      expect(await mail(host)).toEqual(['ECONNREFUSED', 'open']);
    await apply({ blocked: [{ key: keyOf(client.net6) }, { key: keyOf(tunnel.net6) }] });
    for (const host of ['client', 'tunnel'] as const)
      expect(await mail(host)).toEqual(['open', 'ECONNREFUSED']);
    net.run('client', ['ip', 'addr', 'add', 'fd77:1::abcd/64', 'dev', 'eth0', 'nodad']);
    expect(await net.dial('client', server6, 25, 'fd77:1::abcd')).toBe('ECONNREFUSED');
  });

  test('quarantine by address refuses what is no mail too', async () => {
    await apply({ quarantined: [{ key: keyOf(tunnel.ip4) }, { key: keyOf(tunnel.net6) }] });
    expect(await mail('tunnel', 80)).toEqual(refused);
    const datagram = (host: Host, to: string) =>
      net.ask(host, { do: 'datagram', host: to, port: 9, timeoutMs: 1000 });
    for (const to of [server4, server6]) {
      expect(await datagram('client', to)).toBe('ECONNREFUSED');
      expect(await datagram('tunnel', to)).toMatch(/EHOSTUNREACH|EACCES/);
    }
  });

  test('quarantine comes and goes while the table stands, and keeps what was counted', async () => {
    const chains = () => net.run('router', ['nft', 'list', 'chains', 'inet']).toString();
    await apply({});
    expect(await mail('client')).toEqual(open);
    expect(chains()).not.toMatch(/chain quarantined/);
    await apply({ quarantined: [{ key: keyOf(client.mac) }] });
    expect(await mail('client', 80)).toEqual(refused);
    await apply({});
    expect(await mail('client', 80)).toEqual(open);
    expect(chains()).not.toMatch(/chain quarantined/);
    expect((await enforcer.read(['ledger'], ['lan']))?.ledger ?? []).not.toEqual([]);
  });

  test('a restricted device reaches its relays: one address, a prefix, a provider; at their port only', async () => {
    const key = keyOf(client.mac);
    const providers = [{ name: 'big', prefixes: ['203.0.113.128/25', '2001:db8:f:0:8000::/65'] }];
    await apply({
      providers,
      restricted: [{ key }],
      relays: [
        { key, port: 587, to: { prefix: server4 } },
        { key, port: 587, to: { prefix: server6 } },
        { key, port: 465, to: { prefix: '203.0.113.0/26' }, endMs: 60_000 },
        { key, port: 25, to: { provider: 'big' }, endMs: 60_000 },
      ],
    });
    expect(await mail('client', 587)).toEqual(open);
    expect(await net.dial('client', '203.0.113.8', 587)).toBe('ECONNREFUSED');
    expect(await net.dial('client', '203.0.113.63', 465)).toBe('open');
    expect(await net.dial('client', '203.0.113.64', 465)).toBe('ECONNREFUSED');
    expect(await mail('client', 25)).toEqual(refused);
    expect(await net.dial('client', '203.0.113.129', 25)).toBe('open');
    expect(await net.dial('client', '2001:db8:f:0:8000::1', 25)).toBe('open');
    expect(await net.dial('client', '203.0.113.129', 587)).toBe('ECONNREFUSED');
  });

  test('relays by address hold without Ethernet', async () => {
    const key = keyOf(tunnel.ip4);
    const six = keyOf(tunnel.net6);
    await apply({
      restricted: [{ key }, { key: six }],
      relays: [
        { key, port: 25, to: { prefix: server4 } },
        { key: six, port: 25, to: { prefix: '2001:db8:f::/64' } },
      ],
    });
    expect(await mail('tunnel')).toEqual(open);
    expect(await net.dial('tunnel', '203.0.113.8', 25)).toBe('ECONNREFUSED');
  });

  test('blocked beats relays, exempt beats blocked, quarantined beats exempt', async () => {
    const key = keyOf(client.mac);
    const relays = [{ key, port: 25 as const, to: { prefix: server4 } }];
    await apply({ blocked: [{ key }], relays });
    expect(await mail('client')).toEqual(refused);
    const exempt = [{ key, interface: 'lan0' }];
    await apply({ blocked: [{ key }], relays, exempt });
    expect(await mail('client')).toEqual(open);
    await apply({ quarantined: [{ key }], relays, exempt });
    expect(await mail('client')).toEqual(refused);
  });

  test('exempt needs the interface, and the address where it is fixed', async () => {
    const key = keyOf(client.mac);
    const blocked = [{ key }, { key: keyOf(tunnel.ip4) }];
    await apply({ blocked, exempt: [{ key, interface: 'guest0' }] });
    expect(await mail('client')).toEqual(refused);
    await apply({
      blocked,
      exempt: [
        { key, interface: 'lan0', address: client.ip4 },
        { key: keyOf(tunnel.ip4), interface: 'tun0' },
      ],
    });
    expect(await mail('client')).toEqual(['open', 'ECONNREFUSED']);
    expect(await net.dial('tunnel', server4, 25)).toBe('open');
    await apply({ blocked, exempt: [{ key, interface: 'lan0', address: '10.77.1.3' }] });
    expect(await mail('client')).toEqual(refused);
  });

  test('strict devices and networks reach port 25 of relays only; the lenient and the released are let off', async () => {
    const key = keyOf(client.mac);
    await apply({
      strict: [{ key }, { key: keyOf(tunnel.ip4) }],
      relays: [{ key, port: 25, to: { prefix: server6 } }],
    });
    expect(await mail('client')).toEqual(['ECONNREFUSED', 'open']);
    expect(await mail('client', 587)).toEqual(open);
    expect(await mail('tunnel')).toEqual(['ECONNREFUSED', 'open']);
    await apply({ networks: networks('iot') });
    expect(await mail('client')).toEqual(refused);
    expect(await mail('client', 587)).toEqual(open);
    expect(await mail('guest')).toEqual(open);
    await apply({ networks: networks('iot'), lenient: [{ key }] });
    expect(await mail('client')).toEqual(open);
    await apply({ networks: networks('iot'), strict: [{ key }], released: [{ key, endMs: 60_000 }] });
    expect(await mail('client')).toEqual(open);
  });

  test('traffic inside the home and to the router is never touched', async () => {
    await apply({
      networks: networks('iot'),
      blocked: [{ key: keyOf(client.mac) }],
      quarantined: [{ key: keyOf(client.mac) }, { key: keyOf(client.ip4) }],
    });
    for (const to of [guest.ip4, guest.ip6, '10.77.1.1', 'fd77:1::1']) {
      for (const port of [25, 587, 80]) expect(await net.dial('client', to, port)).toBe('open');
    }
  });

  test('while it only watches, it counts and refuses nothing', async () => {
    await apply({
      holding: false,
      blocked: [{ key: keyOf(client.mac) }],
      quarantined: [{ key: keyOf(guest.mac) }],
    });
    expect(await mail('client')).toEqual(open);
    expect(await mail('guest')).toEqual(open);
    const reading = await enforcer.read(['ledger'], ['lan', 'guest', 'vpn']);
    expect(reading?.ledger).toHaveLength(4);
    await apply({ blocked: [{ key: keyOf(client.mac) }] });
    expect(await mail('client')).toEqual(refused);
  });

  test('a ban ends by itself', async () => {
    await apply({ blocked: [{ key: keyOf(client.mac), endMs: 1000 }] });
    expect(await mail('client')).toEqual(refused);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(await mail('client')).toEqual(open);
  });

  test('drop answers nothing', async () => {
    await apply({
      refuse: 'drop',
      blocked: [{ key: keyOf(client.mac) }],
      quarantined: [{ key: keyOf(guest.mac) }],
    });
    expect(await net.dial('client', server4, 25)).toBe('timeout');
    expect(await net.dial('guest', server4, 80)).toBe('timeout');
  });

  test('a ban cuts a live session, over both families and without Ethernet', async () => {
    await apply({});
    for (const [host, key, to] of [
      ['client', client.mac, server4],
      ['client', client.mac, server6],
      ['tunnel', tunnel.ip4, server4],
      ['tunnel', tunnel.net6, server6],
    ] as const) {
      const session = await net.connect(host, to, 25, { keep: true });
      const other = await net.connect('guest', to, 25, { keep: true });
      expect(await net.send(host, session.socket, 1000)).toBe('echoed');
      await apply({ blocked: [{ key: keyOf(key) }] });
      expect(await net.send(host, session.socket, 1000)).toBe('ECONNRESET');
      expect(await net.send('guest', other.socket, 1000, { timeoutMs: 8000 })).toBe('echoed');
      await apply({});
    }
  });

  test.each([server4, server6])(
    'a cut lets one reply through, which the device answers, and resets the server at the next: %s',
    async (dst) => {
      await apply({});
      const src = dst === server4 ? client.ip4 : client.ip6;
      const sport = 40_000 + (dst === server4 ? 4 : 6);
      const session = await net.connect('client', dst, 25, { keep: true, from: src, fromPort: sport });
      expect(await net.send('client', session.socket, 500)).toBe('echoed');
      const resets = async () => ((await net.ask('server', { do: 'tally' })) as { resets: number[] }).resets;
      await apply({ cuts: [{ src, sport, dst, dport: 25, endMs: 60_000 }] });
      expect(await net.send('client', session.socket, 500)).toBe('echoed');
      expect(await resets()).not.toContain(sport);
      // The repetition of what nobody acknowledged meets a server that knows of no session any more.
      expect(await net.send('client', session.socket, 500)).toBe('ECONNRESET');
      expect(await resets()).toContain(sport);
    },
  );
});
