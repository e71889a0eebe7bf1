import { describe, expect, test } from 'vitest';
import type { DeviceKey } from '../../daemon/address/device-key.ts';
import { texts } from './behind.ts';
import { keyOf, laptop, prefix, servers, stateOf, tv, world } from './world.ts';

const [first = '', second = '', third = '', fourth = ''] = servers;

describe('from a SYN to a restrict', () => {
  test('the second strange server of an undeclared device restricts it, and the kernel comes first', () => {
    const home = world();
    home.open(tv.address, first);
    expect(stateOf(home, tv)).toBeUndefined();
    const flow = {
      src: tv.address,
      sport: 5,
      dst: second,
      dport: 25,
      kind: 'new',
      family: 4,
      replied: false,
      assured: false,
    } as const;
    const effects = home.give({ type: 'flow', flow });
    expect(effects[0]?.type).toBe('apply');
    expect(home.ruleset()?.restricted).toMatchObject([{ key: keyOf(tv) }]);
    expect(home.events()).toEqual(['opened', 'restricted']);
  });

  test('the flows that led there are cut, and one that was on its way too', () => {
    const home = world();
    for (const server of [first, second, third]) home.open(tv.address, server);
    expect(home.ruleset()?.cuts.map(({ dst }) => dst)).toEqual([first, second, third]);
  });

  test('IPv4 and IPv6 of one device are one device', () => {
    const home = world();
    home.open(tv.address, first);
    home.open(tv.address6, '3fff:10::25');
    expect(home.ruleset()?.restricted).toMatchObject([{ key: keyOf(tv) }]);
  });

  test('a restrict from SYNs alone is short; a completed handshake makes it an hour', () => {
    const home = world();
    home.open(tv.address, first);
    const flow = home.open(tv.address, second);
    const short = home.state.records.get(keyOf(tv))?.ban;
    expect((short?.endMs ?? 0) - home.nowMs).toBe(600_000);
    home.give({
      type: 'flow',
      flow: { ...flow, kind: 'update', tcpState: 'ESTABLISHED', replied: true, assured: true },
    });
    const long = home.state.records.get(keyOf(tv))?.ban;
    expect((long?.endMs ?? 0) - home.nowMs).toBe(3_600_000);
  });

  test('one dead relay, retried, is no evidence', () => {
    const home = world();
    for (let retry = 0; retry < 30; retry++) {
      home.open(laptop.address, first);
      home.pass(20_000);
    }
    expect(stateOf(home, laptop)).toBeUndefined();
    expect(home.events()).toEqual([]);
  });

  test('2525 never scores', () => {
    const home = world();
    for (const server of servers.slice(0, 50)) home.open(laptop.address, server, 2525);
    expect(stateOf(home, laptop)).toBeUndefined();
  });
});

describe('what is not mail that leaves the home', () => {
  test.each([
    ['LAN to LAN', laptop.address, tv.address, {}],
    ['to the router', laptop.address, '192.168.1.1', {}],
    ['hairpin: to our own public address', laptop.address, '203.0.113.2', {}],
    ['a redirect back into the home', laptop.address, first, { replySrc: '192.168.1.25' }],
  ])('%s', (_, src, dst, changes) => {
    const home = world();
    for (let index = 0; index < 5; index++) home.open(src, dst, 25, changes);
    expect(home.state.records.size).toBe(0);
  });

  test('mail that comes in through a port forward is nobody of the home', () => {
    const home = world();
    for (const server of servers) home.open(server, '203.0.113.2');
    expect(home.state.records.size).toBe(0);
  });

  test('the router itself is watched and never held', () => {
    const home = world();
    for (const server of servers) home.open('203.0.113.2', server);
    expect(home.state.records.get('router' as never)?.connections).toBe(60);
    expect(home.ruleset()?.restricted ?? []).toEqual([]);
    expect(home.events()).toEqual(['opened', 'told']);
    expect(texts(home).at(-1)).toContain('It is the router itself, and nothing on it can hold it.');
  });

  test('what its owner declared of the router is no evidence: a relay, or that it is a mail server', () => {
    const keys = ['192.168.1.1' as DeviceKey];
    const rule = { keys, exempt: false, relays: [], action: 'auto' as const };
    const relays = servers
      .slice(0, 8)
      .map((server) => ({ port: 25 as const, prefix: prefix(`${server}/32`) }));
    for (const declared of [
      { ...rule, relays },
      { ...rule, class: 'mailserver' as const },
    ]) {
      const home = world({ devices: [declared] });
      for (const server of servers.slice(0, 8)) home.open('203.0.113.2', server);
      expect(home.events()).toEqual([]);
    }
  });
});

describe('what limits an action', () => {
  test('a declared mail server is never touched', () => {
    const home = world({
      devices: [{ keys: [keyOf(laptop)], class: 'mailserver', exempt: true, relays: [], action: 'auto' }],
    });
    for (const server of servers) home.open(laptop.address, server);
    expect(stateOf(home, laptop)).toBeUndefined();
    expect(home.state.records.get(keyOf(laptop))?.connections).toBe(60);
  });

  test('action tell only tells, once an hour', () => {
    const home = world({ devices: [{ keys: [keyOf(tv)], exempt: false, relays: [], action: 'tell' }] });
    for (const server of servers) home.open(tv.address, server);
    expect(stateOf(home, tv)).toBeUndefined();
    expect(home.events()).toEqual(['opened', 'told']);
    // What does not fit is counted, also what is not even kept.
    const { data } = home.ask('device', { device: tv.mac, why: true }) as unknown as {
      data: { why: string[] };
    };
    expect(data.why.join('\n').length).toBeLessThanOrEqual(2048);
    expect(data.why[0]).toBe(`(${servers.length - (data.why.length - 1)} earlier observations)`);
  });

  test('a word about its amount of mail does not keep back the verdict about it', () => {
    const home = world({ devices: [{ keys: [keyOf(tv)], exempt: false, relays: [], action: 'tell' }] });
    const counters = { packets: 800, bytes: 90_000 };
    const ended = { kind: 'destroy', replied: true, assured: true, out: counters, back: counters } as const;
    home.give({ type: 'flow', flow: { ...home.open(tv.address, first, 587), ...ended } });
    expect(home.events()).toEqual(['opened', 'told']);
    for (const server of [second, third, fourth]) home.open(tv.address, server);
    expect(home.events()).toEqual(['opened', 'told', 'told']);
  });

  test('mode observe tells what it would have done, and the kernel holds nobody', () => {
    const home = world({ mode: 'observe' });
    for (const server of servers) home.open(tv.address, server);
    expect(home.ruleset()?.holding).toBe(false);
    const texts = home.effects.flatMap((effect) => (effect.type === 'event' ? [effect.document.text] : []));
    expect(texts.join()).toContain('only observes: it would have been restricted');
    home.pass(3 * 3_600_000);
    expect(home.events()).not.toContain('expired');
  });

  test('above max_bans a device is only slowed', () => {
    const home = world({ maxBans: 1 });
    for (const device of [tv, laptop])
      for (const server of [first, second]) home.open(device.address, server);
    expect([stateOf(home, tv), stateOf(home, laptop)]).toEqual(['restricted', 'slowed']);
    home.open(laptop.address, third);
    expect(stateOf(home, laptop)).toBe('slowed');
  });

  test('a configured relay is no evidence and stays open when restricted', () => {
    const relay = { host: 'mail.example', port: 587 as const };
    const home = world({ devices: [{ keys: [keyOf(tv)], exempt: false, relays: [relay], action: 'auto' }] });
    home.give({ type: 'resolved', host: 'mail.example', addresses: [fourth] });
    for (let mail = 0; mail < 20; mail++) home.open(tv.address, fourth, 587);
    expect(stateOf(home, tv)).toBeUndefined();
    expect(home.ruleset()?.relays).toMatchObject([{ key: keyOf(tv), port: 587, to: { prefix: fourth } }]);
  });
});

test('an address that the name of a relay has left for a month is let pass no more', () => {
  const relay = { host: 'mail.example', port: 587 as const };
  const home = world({ devices: [{ keys: [keyOf(tv)], exempt: false, relays: [relay], action: 'auto' }] });
  const resolve = (address: string) =>
    home.give({ type: 'resolved', host: 'mail.example', addresses: [address] });
  const open = () => home.ruleset()?.relays.map(({ to }) => ('prefix' in to ? to.prefix : to.provider));
  resolve(first);
  home.nowMs += 20 * 86_400_000;
  resolve(second);
  expect(open()).toEqual([first, second]);
  home.nowMs += 11 * 86_400_000;
  resolve(second);
  expect(open()).toEqual([second]);
});

describe('attempts', () => {
  const refused = (dst: string, attempts: number) => ({ key: keyOf(tv), dst, port: 25 as const, attempts });

  test('a restricted device that goes on is blocked, without any handshake', () => {
    const home = world();
    home.open(tv.address, first);
    home.open(tv.address, second);
    for (let round = 1; round <= 3; round++) {
      home.pass(12_000);
      const attempts = servers.slice(2, 2 + round * 4).map((dst) => refused(dst, round));
      home.give({ type: 'sets', reading: { attempts, overruns: [], full: [] } });
    }
    expect(stateOf(home, tv)).toBe('blocked');
    expect(home.events()).toContain('blocked');
    // Round 1: 4 rows of 1. Round 2: 4 rows grew by 1, 4 new of 2. Round 3: 8 grew by 1, 4 new of 3.
    expect(home.state.records.get(keyOf(tv))?.refused).toBe(4 + (4 + 8) + (8 + 12));
  });

  test('of a thing that tries one relay for ever are told once a day, a strange server at once', () => {
    const iot = { keys: [keyOf(tv)], class: 'iot', exempt: false, relays: [], action: 'auto' } as const;
    const home = world({ devices: [iot] });
    const refuse = (row: ReturnType<typeof refused>) =>
      home.give({ type: 'sets', reading: { attempts: [row], overruns: [], full: [] } });
    for (let attempt = 1; attempt <= 12; attempt++) {
      refuse(refused(first, attempt));
      home.pass(15 * 60_000);
    }
    expect(home.events()).toEqual(['opened', 'told', 'closed']);
    home.nowMs += 86_400_000;
    refuse(refused(first, 13));
    expect(home.events().filter((type) => type === 'told')).toHaveLength(2);
    home.pass(15 * 60_000);
    home.state.records.get(keyOf(tv))?.profile.groups.clear();
    refuse(refused(second, 1));
    expect(home.events().at(-1)).toBe('told');
  });

  test('a counter that starts again counts from nothing', () => {
    const home = world();
    home.give({ type: 'sets', reading: { attempts: [refused(first, 100)], overruns: [], full: [] } });
    home.give({ type: 'sets', reading: { attempts: [refused(first, 3)], overruns: [], full: [] } });
    expect(home.state.records.get(keyOf(tv))?.refused).toBe(103);
  });

  test('of before a release are counted and no evidence any more', () => {
    const home = world();
    for (const server of servers.slice(0, 2)) home.open(tv.address, server);
    home.ask('release', { device: tv.mac, for: '10m' });
    const attempts = servers.slice(2, 8).map((dst) => refused(dst, 5));
    home.give({ type: 'sets', reading: { attempts, overruns: [], full: [] } });
    expect(home.ask('device', { device: tv.mac })).toMatchObject({
      data: { state: 'allowed', refused: 30, score: 0 },
    });
  });
});
