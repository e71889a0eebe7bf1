import { describe, expect, test } from 'vitest';
import { contentsOf } from '../../daemon/enforcement/elements.ts';
import { staticScript } from '../../daemon/enforcement/static-script.ts';
import { takeSnapshot } from '../../daemon/engine/snapshot.ts';
import { ruleset } from '../enforcement/rulesets.ts';
import { offend } from './offend.ts';
import { config, keyOf, laptop, servers, stateOf, tv, world } from './world.ts';

const hourMs = 3_600_000;

describe('what people ask for', () => {
  test('block, with a time and without', () => {
    const home = world();
    expect(home.ask('block', { device: laptop.mac, for: '1h' })).toMatchObject({
      ok: true,
      data: { state: 'blocked' },
    });
    expect(home.ruleset()?.blocked).toEqual([{ key: keyOf(laptop), endMs: home.nowMs + hourMs }]);
    home.ask('block', { device: laptop.mac });
    expect(home.ruleset()?.blocked).toEqual([{ key: keyOf(laptop) }]);
  });

  test('what a person asked for is in force again when a harder hold of the guard has ended, a restart between them or not', () => {
    const home = world();
    home.ask('restrict', { device: tv.mac });
    offend(home);
    offend(home, 4);
    expect(stateOf(home, tv)).toBe('blocked');
    const at = { nowMs: home.nowMs, wallMs: 0 };
    const snapshot = JSON.parse(JSON.stringify(takeSnapshot(home.state, at)));
    const again = world();
    again.give({ type: 'restore', snapshot, adopted: [] });
    for (const one of [home, again]) {
      one.nowMs += 8 * hourMs;
      one.pass(1000);
      expect(stateOf(one, tv)).toBe('restricted');
      expect(one.state.records.get(keyOf(tv))?.ban).toMatchObject({ origin: 'user' });
      expect(one.ruleset()?.restricted).toEqual([{ key: keyOf(tv) }]);
      expect(JSON.stringify(one.effects)).toContain('As a person asked for before.');
      one.ask('release', { device: tv.mac });
      expect(stateOf(one, tv)).toBeUndefined();
    }
  });

  test('whoever declares a held device a mail server has it released, and its incident closed', () => {
    const home = world();
    offend(home);
    const rule = {
      keys: [keyOf(tv)],
      class: 'mailserver',
      exempt: true,
      relays: [],
      action: 'auto',
    } as const;
    home.give({ type: 'config', config: config({ devices: [rule] }) });
    expect(stateOf(home, tv)).toBeUndefined();
    expect(home.events().slice(-2)).toEqual(['released', 'closed']);
    expect(home.state.records.get(keyOf(tv))?.incident).toBeUndefined();
  });

  test('a release lifts the ban, leaves the device alone for its time, and then less evidence is needed', () => {
    const home = world();
    offend(home);
    expect(home.ask('release', { device: tv.mac, for: '10m' })).toMatchObject({
      ok: true,
      data: { state: 'allowed' },
    });
    expect(home.ruleset()).toMatchObject({ restricted: [], released: [{ key: keyOf(tv) }] });
    home.pass(601_000);
    expect(home.ruleset()?.released).toEqual([]);
    home.open(tv.address, servers[20] ?? '');
    expect(stateOf(home, tv)).toBe('restricted');
  });

  test('while the guard is paused nobody is said to be held', () => {
    const home = world();
    home.ask('pause', { for: '1h' });
    offend(home);
    const texts = home.effects.flatMap((effect) => (effect.type === 'event' ? [effect.document.text] : []));
    expect(texts.at(-1)).toContain('Not yet: the guard is paused.');
  });

  test('a quarantine ends all connections of the device, those that offloading carries past the rules included', () => {
    const home = world();
    const verify = () => home.effects.findLast((effect) => effect.type === 'verify');
    home.ask('block', { device: tv.mac });
    expect(verify()).not.toHaveProperty('everything');
    home.ask('quarantine', { device: tv.mac });
    expect(verify()).toMatchObject({ everything: true, addresses: [tv.address, tv.address6] });
  });

  test('a release until the router restarts has no end that the kernel could not take', () => {
    const home = world();
    home.ask('release', { device: tv.mac, for: 'reboot' });
    const released = home.ruleset()?.released ?? [];
    expect(released.map(({ key }) => key)).toEqual([keyOf(tv)]);
    const held = contentsOf({ ...ruleset(), released }, new Set(), home.nowMs, () => {});
    expect([...(held.get('released_mac')?.values() ?? [])]).toEqual([{ parts: [tv.mac] }]);
    expect(staticScript({ ...ruleset(), released }, home.nowMs)).not.toContain(tv.mac);
    home.pass(hourMs);
    offend(home);
    expect(stateOf(home, tv)).toBeUndefined();
    expect(home.ask('device', { device: tv.mac })).not.toHaveProperty('data.until');
  });

  test('what a released device does meanwhile is not forgotten', () => {
    const home = world();
    home.ask('release', { device: tv.mac, for: '10m' });
    offend(home);
    offend(home, 4);
    expect(stateOf(home, tv)).toBeUndefined();
    home.pass(601_000);
    home.open(tv.address, servers[20] ?? '');
    expect(stateOf(home, tv)).toBe('blocked');
  });

  test('an allowed relay passes a restricted device, for its time', () => {
    const home = world();
    offend(home);
    home.ask('allow', { device: tv.mac, relay: '192.0.2.0/24:587', for: '10m' });
    expect(home.ruleset()?.relays).toMatchObject([
      { key: keyOf(tv), port: 587, to: { prefix: '192.0.2.0/24' } },
    ]);
    expect(home.ask('device', { device: tv.mac })).toMatchObject({
      data: {
        held_since: '2026-11-21T14:00:00Z',
        allowed: [{ relay: '192.0.2.0/24:587', until: '2026-11-21T14:10:00Z' }],
      },
    });
    home.pass(601_000);
    expect(home.ruleset()?.relays).toEqual([]);
    expect(home.ask('device', { device: tv.mac })).not.toHaveProperty('data.allowed');
  });

  test('what was allowed until a person ends it is ended by that, and not what others were allowed', () => {
    const home = world();
    offend(home);
    const relay = '192.0.2.0/24:587';
    for (const one of [relay, '192.0.2.0/24:465']) home.ask('allow', { device: tv.mac, relay: one });
    home.ask('allow', { device: laptop.mac, relay });
    const flow = home.open(tv.address, '192.0.2.9', 587);
    home.give({
      type: 'flow',
      flow: { ...flow, kind: 'update', tcpState: 'ESTABLISHED', replied: true, assured: true },
    });
    const before = home.effects.length;
    expect(home.ask('disallow', { device: tv.mac, relay })).toMatchObject({
      data: { allowed: [{ relay: '192.0.2.0/24:465' }] },
    });
    expect(
      home
        .ruleset()
        ?.relays.map(({ key, port }) => `${key} ${port}`)
        .toSorted(),
    ).toEqual([`${keyOf(tv)} 465`, `${keyOf(laptop)} 587`].toSorted());
    expect(home.events().at(-1)).toBe('disallowed');
    const since = home.effects.slice(before);
    expect(since).toContainEqual(expect.objectContaining({ type: 'persist', urgent: true }));
    // What lived of it is cut, and looked at.
    expect(since).toContainEqual(
      expect.objectContaining({
        type: 'verify',
        flows: expect.arrayContaining([expect.stringContaining('192.0.2.9 587')]),
      }),
    );
    expect(home.ruleset()?.cuts).toContainEqual(expect.objectContaining({ dst: '192.0.2.9', dport: 587 }));
    expect(home.ask('disallow', { device: tv.mac, relay })).toMatchObject({
      error: { code: 'bad_argument' },
    });
  });

  test('that a person has seen an incident is in its document', () => {
    const home = world();
    offend(home);
    const { incident = '' } = home.state.records.get(keyOf(tv)) ?? {};
    expect(home.ask('incident', { incident })).not.toHaveProperty('data.acknowledged');
    expect(home.ask('acknowledge', { incident })).toEqual({ ok: true, data: { acknowledged: incident } });
    expect(home.ask('incident', { incident })).toMatchObject({ data: { acknowledged: true } });
  });

  test('a pause holds nobody, counts down, and ends by itself', () => {
    const home = world();
    offend(home);
    expect(home.ask('pause', { for: '10m' })).toMatchObject({
      ok: true,
      data: { paused_until: '2026-11-21T14:10:00Z' },
    });
    expect(home.ruleset()?.holding).toBe(false);
    home.pass(601_000);
    expect(home.ruleset()?.holding).toBe(true);
    expect(home.events()).toContain('guard_resumed');
    expect(stateOf(home, tv)).toBe('restricted');
  });

  test.each([
    ['block', { device: 'nobody' }, 'unknown_device'],
    ['block', { device: 'router' }, 'not_allowed'],
    ['release', { device: tv.mac, for: 'soon' }, 'bad_argument'],
    ['allow', { device: tv.mac, relay: 'somewhere' }, 'bad_argument'],
    ['disallow', { device: tv.mac, relay: 'somewhere' }, 'bad_argument'],
    ['disallow', { device: tv.mac, relay: '192.0.2.7:587' }, 'bad_argument'],
    ['incident', { incident: 'none' }, 'unknown_incident'],
    ['pause', { for: 'reboot' }, 'bad_argument'],
  ] as const)('%s %o is refused: %s', (verb, args, code) => {
    expect(world().ask(verb, args)).toMatchObject({
      ok: false,
      error: { code, remedy: expect.stringMatching(/\.$/) },
    });
  });

  test('a device is found by its name, and not when two have it', () => {
    const home = world({
      devices: [{ keys: [keyOf(tv)], name: 'Kitchen TV', exempt: false, relays: [], action: 'auto' }],
    });
    expect(home.ask('block', { device: 'kitchen tv', for: '1h' })).toMatchObject({ ok: true });
    const twice = [tv, laptop].map((device) => ({
      keys: [keyOf(device)],
      name: 'TV',
      exempt: false,
      relays: [],
      action: 'auto' as const,
    }));
    expect(world({ devices: twice }).ask('block', { device: 'tv' })).toMatchObject({ ok: false });
  });

  test('lists come in pages', () => {
    const home = world();
    for (let index = 0; index < 90; index++) home.open(`10.8.0.${index + 2}`, servers[0] ?? '');
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const answer = home.ask('devices', after === undefined ? { limit: 25 } : { limit: 25, after });
      const data = (answer as { data: { devices: { device: string }[]; next?: string } }).data;
      seen.push(...data.devices.map(({ device }) => device));
      after = data.next;
    } while (after !== undefined);
    expect(new Set(seen).size).toBe(90);
    expect(seen.length).toBe(90);
  });
});
