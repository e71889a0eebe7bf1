import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Network } from '../../daemon/config/config.ts';
import { readArrivals } from '../../daemon/enforcement/arrivals.ts';
import { Enforcer } from '../../daemon/enforcement/enforcer.ts';
import { staticScript } from '../../daemon/enforcement/static-script.ts';
import { prefix } from '../engine/world.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { labFile } from '../lab/root.ts';
import { networks, ruleset } from './rulesets.ts';
import { SmallNet, server4, server6 } from './small-net.ts';

describeLab('the counter of what arrives from upstream', () => {
  let net: SmallNet;
  let enforcer: Enforcer;

  beforeAll(async () => {
    net = new SmallNet();
    await net.start();
    enforcer = new Enforcer(net.nft, () => performance.now());
    await enforcer.apply(ruleset({ networks: withLink }), 0);
  });
  afterAll(() => net?.stop());

  const link = ['10.77.9.0/24', 'fd77:9::/64'].map(prefix);
  const withLink = networks().map(
    (network): Network => (network.role === 'upstream' ? { ...network, prefixes: link } : network),
  );
  /** How much more arrived meanwhile. */
  const during = async (happens: () => unknown) => {
    const before = (await readArrivals(net.nft)) ?? Number.NaN;
    await happens();
    return ((await readArrivals(net.nft)) ?? Number.NaN) - before;
  };
  const shout = (...args: string[]) =>
    net.run('server', [
      ...['perl', labFile('actors/spoof-flood.pl'), 'iface=eth0', 'count=5', 'durationS=1'],
      ...['rate=1000', 'source4=198.51.100.0/24', 'source6=2001:db8:e::/64', ...args],
    ]);

  test('answers to anybody count, of both families, to the home and to the router itself', async () => {
    for (const host of ['client', 'tunnel', 'router'] as const)
      for (const server of [server4, server6])
        expect(await during(() => net.dial(host, server, 80))).toBeGreaterThan(0);
    // A refusal is an answer as well.
    expect(await during(() => net.dial('client', server4, 81))).toBe(1);
    // So is what nobody asked for.
    expect(await during(() => shout('gatewayMac=02:00:00:00:09:01', 'targets=10.77.9.1'))).toBe(5);
  });

  test('what a modem or the neighbours say while the line is cut does not', async () => {
    const quiet = {
      'the far end of the link': () => net.dial('router', '10.77.9.2', 80),
      'the same over IPv6': () => net.dial('client', 'fd77:9::2', 80),
      'ICMP errors': () => net.ask('client', { do: 'datagram', host: server4, port: 9, timeoutMs: 300 }),
      'ICMPv6 errors': () => net.ask('client', { do: 'datagram', host: server6, port: 9, timeoutMs: 300 }),
      broadcasts: () => shout('gatewayMac=ff:ff:ff:ff:ff:ff', 'targets=255.255.255.255'),
      'multicasts over IPv6': () => shout('gatewayMac=33:33:00:00:00:01', 'targets=ff02::1'),
      'frames for others': () => shout('gatewayMac=02:00:00:00:09:99', 'targets=10.77.9.1'),
      'link-local addresses': () =>
        shout('gatewayMac=02:00:00:00:09:01', 'targets=fd77:9::1', 'source6=fe80::/64'),
      'ARP and neighbour discovery': async () => {
        net.run('router', ['ip', 'neigh', 'flush', 'all']);
        await net.dial('router', '10.77.9.2', 80);
      },
      'what the home sends': () => net.dial('client', '203.0.114.1', 80),
    };
    for (const [what, happens] of Object.entries(quiet))
      expect([what, await during(happens)]).toEqual([what, 0]);
  });

  test('a change of the rules and the script keep the count; without an upstream nothing counts', async () => {
    const before = await readArrivals(net.nft);
    expect(before).toBeGreaterThan(10);
    await enforcer.apply(ruleset({ networks: withLink, refuse: 'drop' }), 0);
    expect(await readArrivals(net.nft)).toBe(before);
    net.run('router', ['nft', staticScript(ruleset({ networks: withLink }), 0)]);
    expect(await readArrivals(net.nft)).toBe(before);
    expect(await during(() => net.dial('client', server4, 80))).toBeGreaterThan(0);
    // Other addresses on the link are other rules.
    const moved = withLink.map((network) => ({ ...network, prefixes: [prefix('203.0.113.0/24')] }));
    for (const now of [withLink, moved]) await enforcer.apply(ruleset({ networks: now }), 0);
    expect(await during(() => net.dial('client', server4, 80))).toBe(0);
    await enforcer.apply(ruleset({ networks: networks().slice(0, 3) }), 0);
    expect(await during(() => net.dial('client', server4, 80))).toBe(0);
  });

  test('a table that only watches counts too', async () => {
    await enforcer.apply(ruleset({ networks: withLink, holding: false }), 0);
    expect(await during(() => net.dial('client', server4, 80))).toBeGreaterThan(0);
    await enforcer.remove();
    expect(await readArrivals(net.nft)).toBeUndefined();
  });
});
