import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { deviceBudgets, strangerBudgets } from '../../daemon/enforcement/budgets.ts';
import type { DesiredRuleset } from '../../daemon/enforcement/desired.ts';
import { Enforcer } from '../../daemon/enforcement/enforcer.ts';
import { bounds } from '../../daemon/enforcement/sets.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { labFile } from '../lab/root.ts';
import { keyOf, known, networks, ruleset } from './rulesets.ts';
import { client, guest, type Host, SmallNet, server4, server6, tunnel } from './small-net.ts';

const guarded = ['lan', 'guest', 'vpn'];

describeLab('budgets that need no daemon', () => {
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
  /** How many of so many connections are let through. */
  const opened = async (times: number, host: Host, to = server4) => {
    let count = 0;
    for (let i = 0; i < times; i++) if ((await net.dial(host, to, 25)) === 'open') count++;
    return count;
  };
  /** How many of so many packets of `bytes` payload one session gets echoed. */
  const echoed = async (times: number, host: Host, to: string, bytes: number) => {
    const { socket } = await net.connect(host, to, 25, { keep: true });
    for (let i = 0; i < times; i++) if ((await net.send(host, socket, bytes)) !== 'echoed') return i;
    return times;
  };
  /** SYNs with invented MACs and addresses from the guest's link. */
  const spoof = async (count: number, more: readonly string[] = []) => {
    const argv = ['perl', labFile('actors/spoof-flood.pl'), 'iface=eth0', 'gatewayMac=02:00:00:00:02:01'];
    const own = [
      `targets=203.0.113.20,2001:db8:f::20`,
      `count=${count}`,
      'source4=10.77.2.0/24',
      'source6=fd77:2::/64',
    ];
    const flood = net.spawn('guest', [...argv, ...own, ...more]);
    flood.stdout.resume();
    await once(flood, 'exit');
  };

  test('a known device opens its burst of connections and no more; others are not touched', async () => {
    await apply({ known: [known(client.mac), known(guest.mac, 'iot')] });
    expect(await opened(30, 'client')).toBe(deviceBudgets.default.connections.burst);
    expect(await opened(30, 'guest')).toBe(deviceBudgets.iot.connections.burst);
    expect(await opened(5, 'tunnel')).toBe(5);
    const reading = await enforcer.read(['overruns', 'attempts'], guarded);
    expect(new Set(reading?.overruns)).toEqual(
      new Set([
        { key: keyOf(client.mac), packets: 10 },
        { key: keyOf(guest.mac), packets: 20 },
      ]),
    );
    expect(reading?.attempts.map(({ attempts }) => attempts)).toEqual([10, 20]);
  });

  test('both families draw on one budget of a device with Ethernet', async () => {
    await apply({ known: [known(client.mac)] });
    expect((await opened(15, 'client')) + (await opened(15, 'client', server6))).toBe(20);
  });

  test.each([server4, server6])(
    'command packets end a session when their budget is used up, to %s',
    async (to) => {
      await apply({ known: [known(client.mac), known(guest.mac, 'iot')] });
      // Each request of 100 bytes is one command packet; its acknowledgements are none.
      const { burst } = deviceBudgets.default.commands;
      expect(Math.abs((await echoed(400, 'client', to, 100)) - burst)).toBeLessThanOrEqual(1);
      expect(
        Math.abs((await echoed(400, 'guest', to, 100)) - deviceBudgets.iot.commands.burst),
      ).toBeLessThanOrEqual(1);
    },
  );

  test('an attachment costs almost no command packets, relays and released devices none', async () => {
    await apply({ known: [known(client.mac, 'iot'), known(guest.mac, 'iot')] });
    expect(await echoed(10, 'client', server4, 1_000_000)).toBe(10);
    const key = keyOf(guest.mac);
    await apply({
      known: [known(guest.mac, 'iot'), known(tunnel.ip4, 'iot')],
      relays: [{ key, port: 25, to: { prefix: server4 } }],
      released: [{ key: keyOf(tunnel.ip4), endMs: 600_000 }],
    });
    for (const host of ['guest', 'tunnel'] as const) {
      expect(await echoed(100, host, server4, 100)).toBe(100);
      expect(await opened(30, host)).toBe(30);
    }
  });

  test('a slowed device gets a few commands through', async () => {
    await apply({
      slowed: [
        { key: keyOf(client.mac), endMs: 600_000 },
        { key: keyOf(tunnel.net6), endMs: 600_000 },
      ],
    });
    expect(Math.abs((await echoed(60, 'client', server4, 100)) - 20)).toBeLessThanOrEqual(1);
    expect(Math.abs((await echoed(60, 'tunnel', server6, 100)) - 20)).toBeLessThanOrEqual(1);
    const reading = await enforcer.read(['overruns'], guarded);
    expect(reading?.overruns.map(({ key }) => key)).toEqual([keyOf(client.mac), keyOf(tunnel.net6)]);
  });

  test('a stranger has a budget of its own, with Ethernet and without, and leaves as much for the next', async () => {
    await apply({});
    expect(await opened(30, 'client')).toBe(20);
    expect(await opened(30, 'tunnel')).toBe(20);
    net.run('client', ['ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:01:77']);
    expect(await opened(30, 'client')).toBe(20);
    net.run('client', ['ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:01:78']);
    expect(await opened(10, 'client')).toBe(0);
    net.run('client', ['ip', 'link', 'set', 'eth0', 'address', client.mac]);
    expect(strangerBudgets.default.connections.burst).toBe(40);
  });

  test('strangers of an iot network have the smaller budget', async () => {
    await apply({ networks: networks('iot'), lenient: [], relays: [] });
    let count = 0;
    for (let i = 0; i < 30; i++) if ((await net.dial('client', server4, 587)) === 'open') count++;
    expect(count).toBe(10);
  });

  test('full sets fail closed for strangers and do not harm known devices', async () => {
    await apply({ known: [known(client.mac), known(tunnel.ip4)], blocked: [{ key: keyOf(tunnel.net6) }] });
    await spoof(6000, ['rate=6000']);
    const full = (await enforcer.read(['ledger', 'attempts', 'overruns'], guarded))?.full ?? [];
    // Only what passes is in the ledger, and the strangers' limit lets few pass: it cannot be filled.
    expect(full).not.toContain('ledger_new_mac4_guest');
    expect(full).toContain('attempts_new_mac4');
    expect(full).toContain('overruns_new_mac');
    expect(full).not.toContain('attempts_mac4');
    const listed = net.run('router', [
      'nft',
      '-j',
      'list',
      'set',
      'inet',
      'postern',
      'new_connections_default_mac',
    ]);
    expect(JSON.parse(listed).nftables[1].set.elem).toHaveLength(bounds.strangers);
    // A stranger that had no chance to get an element, on the flooded network and on another.
    expect(await opened(5, 'guest')).toBe(0);
    // The known ones go on, and are counted.
    expect(await opened(25, 'client')).toBe(20);
    expect(await opened(5, 'tunnel')).toBe(5);
    expect(await opened(5, 'tunnel', server6)).toBe(0);
    const reading = await enforcer.read(['ledger', 'attempts'], guarded);
    const own = reading?.ledger?.filter(({ network }) => network !== 'guest') ?? [];
    expect(new Set(own.map(({ key, connections }) => `${key} ${connections}`))).toEqual(
      new Set([`${keyOf(client.mac)} 20`, `${keyOf(tunnel.ip4)} 5`]),
    );
    const attempts = new Map(reading?.attempts.map(({ key, attempts: count }) => [key, count]));
    expect(attempts.get(keyOf(client.mac))).toBe(5);
    expect(attempts.get(keyOf(tunnel.net6))).toBe(5);
  });

  test('invented addresses under a known MAC fill nothing, since its budget lets few pass', async () => {
    await apply({ known: [known(guest.mac), known(client.mac)] });
    await spoof(4000, ['rate=6000', `sourceMac=${guest.mac}`, 'targets=2001:db8:f::20']);
    const full = (await enforcer.read(['ledger', 'attempts', 'overruns'], guarded))?.full;
    expect(full).toEqual([]);
    expect(await opened(5, 'client')).toBe(5);
  });
});
