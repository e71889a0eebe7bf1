import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../daemon/config/config.ts';
import type { MailPort } from '../../daemon/conntrack/flow.ts';
import { noProviders } from '../../daemon/detection/providers.ts';
import { takeSnapshot } from '../../daemon/engine/snapshot.ts';
import { newState } from '../../daemon/engine/state.ts';
import { step } from '../../daemon/engine/step.ts';
import { naming } from '../../daemon/names/naming.ts';
import { data } from '../detection/provider-data.ts';
import { registrableDomain } from '../names/suffix-rules.ts';
import { config, keyOf, laptop, servers, startWallMs, stateOf, tv, type World, world } from './world.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const owners = { mailDomains: ['isp.example'] };

/** The router's DNS gave out the addresses by this name. */
function named(home: World, name: string, ...addresses: string[]): void {
  const nameOf = naming(home.state.config, home.state.providers, registrableDomain);
  home.give({ type: 'named', addresses, named: nameOf([name]) });
}

/** A message that goes through. Returns the relation of its first packet. */
function deliver(home: World, dst: string, port: MailPort, device = tv): string | undefined {
  const flow = home.open(device.address, dst, port);
  const { step: first } = [...home.state.flowDevices.values()].at(-1) ?? {};
  const counters = { out: { packets: 25, bytes: 3600 }, back: { packets: 23, bytes: 2400 } };
  const isOpen = { replied: true, assured: true };
  home.give({ type: 'flow', flow: { ...flow, ...isOpen, kind: 'update', tcpState: 'ESTABLISHED' } });
  home.give({
    type: 'flow',
    flow: { ...flow, ...isOpen, ...counters, kind: 'destroy', tcpState: 'TIME_WAIT' },
  });
  return first?.relation;
}

const scoreOf = (home: World, device = tv) => home.state.records.get(keyOf(device))?.profile.score ?? 0;
const whyOf = (home: World) => home.state.records.get(keyOf(tv))?.evidence ?? [];

/** Twelve addresses in as many networks, none of a provider. */
const pool = servers.slice(20, 32);

describe('an access provider’s relay with 12 addresses in 12 networks', () => {
  function prints(changes: Partial<Config>, name?: string): World {
    const home = world(changes);
    if (name !== undefined) named(home, name, ...pool);
    for (const address of [...pool, ...pool]) {
      deliver(home, address, 25);
      home.pass(hourMs);
      home.refresh();
    }
    return home;
  }

  test('restricts nobody where the owner named its domain', () => {
    const home = prints(owners, 'relay.isp.example');
    expect(home.events()).not.toContain('restricted');
    expect(home.events()).not.toContain('blocked');
    expect(scoreOf(home)).toBeLessThan(4.6);
  });

  test('as it does where nobody vouches for the name', () => {
    expect(prints({}).events()).toContain('restricted');
    expect(prints({}, 'relay.isp.example').events()).toContain('restricted');
  });

  test('is one relay over IPv4 and IPv6', () => {
    const home = world(owners);
    named(home, 'relay.isp.example', '198.51.100.1', '2001:db8:77::1');
    expect(deliver(home, '198.51.100.1', 25)).toBe('N');
    expect(deliver(home, '2001:db8:77::1', 25)).toBe('O');
  });
});

describe('a bot', () => {
  test('gains nothing by names of its own: 60 servers under one are 60 servers', () => {
    const home = world(owners);
    for (const [index, server] of servers.entries()) named(home, `s${index}.evil.example`, server);
    for (const server of servers) home.open(tv.address, server);
    const plain = world();
    for (const server of servers) plain.open(tv.address, server);
    expect(stateOf(home, tv)).toBe('restricted');
    expect(home.events()).toEqual(plain.events());
    expect(scoreOf(home)).toBe(scoreOf(plain));
  });

  test('that mails one provider only, at addresses that only its names tell, is restricted by connection 4', () => {
    const home = world();
    const exchangers = ['198.51.100.1', '198.51.100.2', '198.51.7.3', '198.51.7.4'];
    for (const [index, address] of exchangers.entries())
      named(home, `alt${index}.gmail-smtp-in.l.google.com`, address);
    for (const address of exchangers) home.open(tv.address, address);
    expect(stateOf(home, tv)).toBe('restricted');
    const plain = world();
    for (const address of exchangers) plain.open(tv.address, address);
    expect(stateOf(plain, tv)).toBeUndefined();
  });

  test('whatever names it makes, and whenever: scores, bans and relays are those without them', () => {
    const server = fc.constantFrom(...servers.slice(0, 6), '142.250.1.26', '67.195.204.72', '2001:db8:77::1');
    const port = fc.constantFrom<MailPort>(25, 465, 587);
    const name = fc.constantFrom('a.evil.example', 'b.evil.example', 'evil.example', 'x.y.other.example');
    const act = fc.oneof(fc.record({ name, server }), fc.record({ server, port, delivers: fc.boolean() }));
    const run = (acts: readonly unknown[], withNames: boolean) => {
      const home = world(owners);
      for (const each of acts as { name?: string; server: string; port?: MailPort; delivers?: boolean }[]) {
        if (each.port === undefined) {
          if (withNames) named(home, each.name ?? '', each.server);
        } else if (each.delivers) deliver(home, each.server, each.port);
        else home.open(tv.address, each.server, each.port);
        home.nowMs += 60_000;
      }
      const { profile, ban, learned } = home.state.records.get(keyOf(tv)) ?? {};
      return { profile, ban, learned };
    };
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        expect(run(acts, true)).toEqual(run(acts, false));
      }),
    );
  });
});

describe('a relay keeps its place when its name becomes known', () => {
  test.each([465, 587] as const)('known under its network at %i', (port) => {
    const home = world(owners);
    expect(deliver(home, '198.51.100.1', port)).toBe('N');
    expect(deliver(home, '198.51.100.1', port)).toBe('K');
    named(home, 'relay.isp.example', '198.51.100.1', '203.113.7.1');
    expect(deliver(home, '198.51.100.1', port)).toBe('K');
    expect(deliver(home, '203.113.7.1', port)).toBe('K');
    // A server beside it whose name nobody asked for stays what it was.
    expect(deliver(home, '198.51.7.7', port)).toBe('K');
  });

  test('known on port 25 after its quiet days', () => {
    const home = world(owners);
    expect(deliver(home, '198.51.100.1', 25)).toBe('N');
    for (let day = 0; day < 8; day++) {
      home.nowMs += dayMs;
      home.refresh();
      deliver(home, '198.51.100.1', 25);
    }
    named(home, 'relay.isp.example', '198.51.100.1');
    expect(deliver(home, '198.51.100.1', 25)).toBe('K');
  });

  test('but not as a provider’s exchanger: everybody’s spam goes there', () => {
    const home = world(owners);
    deliver(home, '198.51.100.1', 25);
    home.nowMs += 8 * dayMs;
    home.refresh();
    expect(deliver(home, '198.51.100.1', 25)).toBe('K');
    named(home, 'alt1.gmail-smtp-in.l.google.com', '198.51.7.7', '203.113.7.1');
    expect(deliver(home, '198.51.7.7', 25)).toBe('O');
    expect(deliver(home, '203.113.7.1', 25)).toBe('A');
  });

  test('met, and no more, under its network: no news either', () => {
    const home = world(owners);
    home.open(tv.address, '198.51.100.1');
    named(home, 'relay.isp.example', '198.51.100.1');
    const before = scoreOf(home);
    expect(deliver(home, '198.51.100.1', 25)).toBe('O');
    expect(scoreOf(home)).toBeLessThanOrEqual(before);
  });

  test('while a message is on its way', () => {
    const home = world(owners);
    const flow = home.open(tv.address, '198.51.100.1', 587);
    named(home, 'relay.isp.example', '198.51.100.1');
    const counters = { out: { packets: 25, bytes: 3600 }, back: { packets: 23, bytes: 2400 } };
    const end = { replied: true, assured: true, tcpState: 'TIME_WAIT', ...counters } as const;
    home.give({ type: 'flow', flow: { ...flow, ...end, kind: 'destroy' } });
    expect(deliver(home, '198.51.100.1', 587)).toBe('K');
  });

  test('a restricted device goes on through it, and a live session there is not cut', () => {
    const home = world(owners);
    deliver(home, '198.51.100.1', 587);
    named(home, 'relay.isp.example', '198.51.100.1', '203.113.7.1');
    deliver(home, '203.113.7.1', 587);
    const live = home.open(tv.address, '203.113.7.1', 587);
    for (const server of servers.slice(0, 2)) home.open(tv.address, server);
    expect(stateOf(home, tv)).toBe('restricted');
    const cuts = home.ruleset()?.cuts.map(({ sport }) => sport);
    expect(cuts).not.toContain(live.sport);
    expect(home.ruleset()?.relays).toMatchObject([
      { port: 587, to: { prefix: '198.51.0.0/16' } },
      { port: 587, to: { prefix: '203.113.0.0/16' } },
    ]);
  });
});

describe('and when the name is forgotten', () => {
  /** A daemon that starts anew and knows no names (and no providers, where the data file was lost). */
  function reborn(home: World, providers = data.providers): World {
    const at = { nowMs: home.nowMs, wallMs: startWallMs + home.nowMs };
    const snapshot: unknown = JSON.parse(JSON.stringify(takeSnapshot(home.state, at)));
    const again = world(owners);
    again.nowMs = home.nowMs;
    again.state = newState({ config: config(owners), version: '0', ...data, providers, at });
    step(again.state, { type: 'config', config: again.state.config }, at);
    step(again.state, { type: 'restore', snapshot, adopted: [] }, at);
    again.refresh();
    return again;
  }

  test('by a restart', () => {
    const home = world(owners);
    named(home, 'relay.isp.example', '198.51.100.1');
    deliver(home, '198.51.100.1', 587);
    const again = reborn(home);
    expect(deliver(again, '198.51.100.1', 587)).toBe('K');
    expect(deliver(again, '198.51.7.7', 587)).toBe('K');
    expect(deliver(again, '203.113.7.1', 587)).toBe('N');
  });

  test('with the data file, a provider', () => {
    const home = world();
    deliver(home, '142.250.1.108', 587);
    const again = reborn(home, noProviders);
    expect(deliver(again, '142.250.7.109', 587)).toBe('K');
  });

  test('by time', () => {
    const home = world(owners);
    named(home, 'relay.isp.example', ...pool.slice(0, 3));
    deliver(home, pool[0] ?? '', 587);
    home.nowMs += 31 * dayMs;
    home.refresh();
    expect(deliver(home, pool[0] ?? '', 587)).toBe('K');
    expect(deliver(home, pool[1] ?? '', 587)).toBe('N');
  });

  test('by another word of its owner', () => {
    const home = world(owners);
    named(home, 'relay.isp.example', ...pool);
    home.open(tv.address, pool[0] ?? '');
    home.give({ type: 'config', config: config() });
    for (const address of pool) home.open(tv.address, address);
    expect(stateOf(home, tv)).toBe('restricted');
  });
});

test('evidence shows the domain, whoever vouches for it', () => {
  const home = world();
  named(home, 'mx7.mail.evil.co.uk', servers[0] ?? '');
  home.open(tv.address, servers[0] ?? '');
  home.open(tv.address, servers[1] ?? '');
  expect(whyOf(home)).toEqual([
    expect.stringContaining(`new mail server ${servers[0]}:25 (evil.co.uk), first time`),
    expect.stringContaining(`new mail server ${servers[1]}:25, first time`),
  ]);
});

test('what is kept of names is bounded, and labels take no place from names that join', () => {
  const home = world(owners);
  named(home, 'relay.isp.example', ...pool);
  for (let n = 0; n < 5000; n++) named(home, `s${n}.evil.example`, `10.${n >> 8}.${n & 255}.1`);
  expect(home.state.labels.size).toBe(256);
  expect([...home.state.names.keys()]).toEqual(pool);
  for (let n = 0; n < 5000; n++) named(home, `s${n}.isp.example`, `10.${n >> 8}.${n & 255}.1`);
  expect(home.state.names.size).toBe(1024);
});

test('a phone on its provider by name learns one relay, however many addresses', () => {
  const home = world(owners);
  named(home, 'relay.isp.example', ...pool);
  for (const address of pool) deliver(home, address, 465, laptop);
  expect(home.state.records.get(keyOf(laptop))?.profile.groups.size).toBe(1);
});
