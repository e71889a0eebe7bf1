import { describe, expect, test } from 'vitest';
import type { MailPort } from '../../daemon/conntrack/flow.ts';
import { knownRelays } from '../../daemon/detection/known.ts';
import { takeSnapshot } from '../../daemon/engine/snapshot.ts';
import { keyOf, laptop, servers, stateOf, tv, type World, world } from './world.ts';

const hourMs = 3_600_000;
const rule = (device: typeof tv, deviceClass: 'iot' | 'computer') => ({
  keys: [keyOf(device)],
  class: deviceClass,
  exempt: false,
  relays: [],
  action: 'auto' as const,
});

/** One session that delivers so many messages by 13 packets and 900 bytes each. */
function mail(home: World, src: string, server: string, messages = 1, port: MailPort = 587): void {
  const flow = home.open(src, server, port);
  home.pass(1000);
  const counters = { packets: 16 + 8 * messages, bytes: 3000 + 900 * messages };
  home.give({
    type: 'flow',
    flow: { ...flow, kind: 'destroy', replied: true, assured: true, out: counters, back: counters },
  });
}

const never = (): never => {
  throw new Error('no record');
};

const texts = (home: World, type: string) =>
  home.effects.flatMap((effect) =>
    effect.type === 'event' && effect.document.type === type ? [effect.document.text] : [],
  );

describe('a bot that rotates stolen relays', () => {
  test('on a thing: restricted by the fifth within a day, and may go on through none of them', () => {
    const home = world({ devices: [rule(tv, 'iot')] });
    for (const server of servers.slice(0, 4)) mail(home, tv.address, server);
    expect(stateOf(home, tv)).toBeUndefined();
    expect(knownRelays(home.state.records.get(keyOf(tv))?.profile ?? never())).toHaveLength(4);
    mail(home, tv.address, servers[4] ?? '');
    expect(stateOf(home, tv)).toBe('restricted');
    expect(home.ruleset()?.relays).toEqual([]);
    expect(JSON.stringify(home.ask('evidence', { device: keyOf(tv) }))).toContain(
      '5 new submission services',
    );
  });

  test('a phone that nobody classified may try twelve accounts on one evening', () => {
    const home = world();
    for (const server of servers.slice(0, 12)) mail(home, laptop.address, server);
    expect(stateOf(home, laptop)).toBeUndefined();
    home.open(laptop.address, servers[12] ?? '', 587);
    expect(stateOf(home, laptop)).toBe('restricted');
  });

  test('its relay of old stays', () => {
    const home = world({ devices: [rule(tv, 'iot')] });
    mail(home, tv.address, '192.0.2.25');
    home.nowMs += 25 * hourMs;
    home.refresh();
    for (const server of servers.slice(0, 5)) mail(home, tv.address, server);
    expect(stateOf(home, tv)).toBe('restricted');
    expect(home.ruleset()?.relays).toMatchObject([{ to: { prefix: '192.0.0.0/16' } }]);
  });
});

describe('how much a device sends', () => {
  test('a loud one is told once a day, and not held', () => {
    const home = world();
    for (let n = 0; n < 6; n++) mail(home, laptop.address, '192.0.2.25', 25);
    expect(stateOf(home, laptop)).toBeUndefined();
    expect(texts(home, 'told')).toHaveLength(1);
    home.nowMs += 12 * hourMs;
    mail(home, laptop.address, '192.0.2.25', 25);
    expect(texts(home, 'told')).toHaveLength(1);
  });

  test('what was told of a loud one is over ten minutes later, however often it mails on', () => {
    const home = world();
    for (let n = 0; n < 6; n++) mail(home, laptop.address, '192.0.2.25', 25);
    for (let n = 0; n < 6; n++) {
      home.pass(300_000);
      home.refresh();
      mail(home, laptop.address, '192.0.2.25');
    }
    expect(home.events()).toEqual(['opened', 'told', 'closed']);
  });

  test('a restart does not end it sooner', () => {
    const home = world();
    for (let n = 0; n < 6; n++) mail(home, laptop.address, '192.0.2.25', 25);
    const snapshot = JSON.parse(JSON.stringify(takeSnapshot(home.state, { nowMs: home.nowMs, wallMs: 0 })));
    const again = world();
    again.give({ type: 'restore', snapshot, adopted: [] });
    again.pass(590_000);
    expect(again.events()).not.toContain('closed');
    again.pass(20_000);
    expect(again.events()).toContain('closed');
  });

  test('one above 500 a day is slowed, and never blocked for it', () => {
    const home = world();
    for (let n = 0; n < 30 && stateOf(home, laptop) === undefined; n++)
      mail(home, laptop.address, '192.0.2.25', 25);
    expect(stateOf(home, laptop)).toBe('slowed');
    expect(home.ruleset()?.slowed).toMatchObject([{ key: keyOf(laptop) }]);
    expect(texts(home, 'slowed')[0]).toMatch(/About 5\d\d messages in a day/);
    for (let n = 0; n < 30; n++) mail(home, laptop.address, '192.0.2.25', 25);
    expect(stateOf(home, laptop)).toBe('slowed');
  });

  test('where its owner chose to be told only, it is told', () => {
    const home = world({ devices: [{ ...rule(laptop, 'computer'), action: 'tell' }] });
    for (let n = 0; n < 40; n++) mail(home, laptop.address, '192.0.2.25', 25);
    expect(stateOf(home, laptop)).toBeUndefined();
    expect(texts(home, 'told')).toHaveLength(1);
  });

  test('of a declared mail server it is told, from its day and not from one session, and nothing is held', () => {
    const declared = { ...rule(tv, 'computer'), class: 'mailserver', exempt: true } as const;
    const home = world({ devices: [declared] });
    for (const server of servers.slice(0, 3)) mail(home, tv.address, server, 90, 25);
    expect(home.events()).toEqual([]);
    for (const server of servers.slice(3, 50)) mail(home, tv.address, server, 90, 25);
    expect(texts(home, 'told')).toEqual([expect.stringMatching(/About 3\d\d messages in a day/)]);
    expect([stateOf(home, tv), home.state.incidents.size]).toEqual([undefined, 0]);
  });
});

describe("a thing's first mail", () => {
  test('is told, once ever, outside any incident', () => {
    const home = world({ devices: [rule(tv, 'iot')] });
    mail(home, tv.address, '192.0.2.25');
    mail(home, tv.address, '192.0.2.25');
    expect(texts(home, 'first_mail')).toEqual([expect.stringContaining('192.0.2.25:587')]);
    expect(home.state.incidents.size).toBe(0);
  });

  test('a computer may mail without a word', () => {
    const home = world();
    mail(home, laptop.address, '192.0.2.25');
    expect(home.events()).toEqual([]);
  });
});

describe('learning never weakens the guard', () => {
  test('a bot that is active in the first second is restricted at its second server, as it is a month later', () => {
    const first = world();
    const later = world();
    later.nowMs += 30 * 24 * hourMs;
    later.refresh();
    for (const home of [first, later]) {
      home.open(tv.address, servers[0] ?? '');
      expect(stateOf(home, tv)).toBeUndefined();
      home.open(tv.address, servers[1] ?? '');
      expect(stateOf(home, tv)).toBe('restricted');
    }
  });

  test('what it delivers on port 25 in its first days opens nothing', () => {
    const home = world({ preset: 'relaxed' });
    mail(home, tv.address, servers[0] ?? '', 1, 25);
    home.nowMs += 24 * hourMs;
    home.refresh();
    home.open(tv.address, servers[1] ?? '');
    home.open(tv.address, servers[2] ?? '');
    expect(stateOf(home, tv)).toBe('blocked');
    expect(home.ruleset()?.relays).toEqual([]);
  });

  test('fifty loads of port 2525 by a web page are nothing', () => {
    const home = world();
    for (const server of servers.slice(0, 50)) home.open(laptop.address, server, 2525);
    expect(stateOf(home, laptop)).toBeUndefined();
    expect(home.state.records.get(keyOf(laptop))?.profile.score).toBe(0);
  });
});
