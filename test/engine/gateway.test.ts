import { expect, test } from 'vitest';
import { laptop, servers, stateOf, tv, type World, world } from './world.ts';

/** The TV's address is the next hop of a route, or it is no longer. */
function lead(home: World, gateway: boolean): void {
  const row = { mac: tv.mac, address: tv.address, interface: 'br-lan', fresh: true };
  const other = { ...row, mac: laptop.mac, address: laptop.address };
  home.give({ type: 'neighbours', neighbours: [gateway ? { ...row, gateway } : row, other] });
}

function offend(home: World, src: string): void {
  for (const server of servers.slice(0, 6)) {
    const flow = home.open(src, server);
    home.give({
      type: 'flow',
      flow: { ...flow, kind: 'update', tcpState: 'ESTABLISHED', replied: true, assured: true },
    });
  }
}

test('through whom a route leads is told of and not held, all others are', () => {
  const home = world();
  lead(home, true);
  offend(home, tv.address);
  expect(stateOf(home, tv)).toBeUndefined();
  const texts = home.effects.flatMap((effect) => (effect.type === 'event' ? [effect.document.text] : []));
  expect(texts.at(-1)).toContain('A route leads through it');
  offend(home, laptop.address);
  expect(stateOf(home, laptop)).toBe('blocked');
});

test('nor is it held where a person asks for it, by MAC or address', () => {
  const home = world();
  lead(home, true);
  for (const device of [tv.mac, tv.address])
    for (const verb of ['block', 'quarantine', 'restrict', 'slow'] as const)
      expect(home.ask(verb, { device })).toMatchObject({
        ok: false,
        error: { code: 'not_allowed', message: expect.stringContaining('the next hop of a route') },
      });
  expect(home.ask('block', { device: laptop.mac })).toMatchObject({ ok: true });
});

test('it is a device like others once no route leads through it', () => {
  const home = world();
  lead(home, true);
  lead(home, false);
  offend(home, tv.address);
  expect(stateOf(home, tv)).toBe('blocked');
});

test('a next hop on the way out is nobody at home', () => {
  const home = world();
  const wan = { address: '203.0.113.1', interface: 'wan', fresh: true, gateway: true };
  home.give({ type: 'neighbours', neighbours: [{ ...wan, mac: tv.mac }] });
  expect(home.ask('block', { device: tv.mac })).toMatchObject({ ok: true });
});
