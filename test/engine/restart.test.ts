import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { takeSnapshot } from '../../daemon/engine/snapshot.ts';
import { newState } from '../../daemon/engine/state.ts';
import { step } from '../../daemon/engine/step.ts';
import { data } from '../detection/provider-data.ts';
import { config, keyOf, laptop, servers, startWallMs, tv, type World, world } from './world.ts';

const hourMs = 3_600_000;

function save(home: World): string {
  const at = { nowMs: home.nowMs, wallMs: startWallMs + home.nowMs - 1_000_000 };
  return JSON.stringify(takeSnapshot(home.state, at));
}

/** A daemon that starts on another boot's clock, `awayMs` later. */
function reborn(
  text: string,
  awayMs: number,
  adopted: readonly { set: 'released' | 'restricted' | 'blocked'; key: string; remainingMs?: number }[] = [],
  restarted = false,
) {
  const saved = (JSON.parse(text) as { saved_s: number }).saved_s * 1000;
  const at = { nowMs: 5000, wallMs: saved + awayMs };
  const state = newState({ config: config(), version: '0', ...data, at });
  const first = step(state, { type: 'config', config: state.config }, at);
  const second = step(state, { type: 'restore', snapshot: JSON.parse(text), adopted, restarted }, at);
  return { state, at, effects: [...first.effects, ...second.effects] };
}

/** A restricted TV and a laptop with a relay of its own. */
function lived(): World {
  const home = world();
  home.open(tv.address, servers[0] ?? '');
  home.open(tv.address, servers[1] ?? '');
  const flow = home.open(laptop.address, '33.40.4.25', 587);
  const counters = { out: { packets: 20, bytes: 3000 }, back: { packets: 20, bytes: 4000 } };
  home.give({
    type: 'flow',
    flow: { ...flow, kind: 'update', tcpState: 'ESTABLISHED', replied: true, assured: true },
  });
  home.give({ type: 'flow', flow: { ...flow, kind: 'destroy', replied: true, assured: true, ...counters } });
  return home;
}

describe('what outlives a restart', () => {
  test('a ban with what is left of it, its incident, and the relay of another device; nothing is told twice', () => {
    const { state, at, effects } = reborn(save(lived()), 60_000);
    const ban = state.records.get(keyOf(tv))?.ban;
    expect(ban).toMatchObject({ hold: 'restricted', endMs: at.nowMs + 600_000 - 60_000 });
    expect(state.incidents.get(state.records.get(keyOf(tv))?.incident ?? '')?.steps.length).toBe(2);
    const ruleset = effects.findLast((effect) => effect.type === 'apply')?.ruleset();
    expect(ruleset?.relays).toMatchObject([
      { key: keyOf(laptop), port: 587, to: { prefix: '33.40.0.0/16' } },
    ]);
    expect(effects.filter((effect) => effect.type === 'event')).toEqual([]);
  });

  test('that it goes on trying is no news by a restart, and the evidence stays with the incident', () => {
    const home = lived();
    const row = { key: keyOf(tv), dst: servers[2] ?? '', port: 25, attempts: 200 } as const;
    home.give({ type: 'sets', reading: { attempts: [row], overruns: [], full: [] } });
    home.pass(5000);
    expect(home.events().join()).toContain('still_trying');
    const before = home.state.incidents.get(home.state.records.get(keyOf(tv))?.incident ?? '');
    const { state, at } = reborn(save(home), 60_000);
    const later = { nowMs: at.nowMs + 30_000, wallMs: at.wallMs + 30_000 };
    const { effects } = step(state, { type: 'tick' }, later);
    expect(effects.filter((effect) => effect.type === 'event')).toEqual([]);
    const incident = () => state.incidents.get(state.records.get(keyOf(tv))?.incident ?? '');
    const lines = before?.evidence.slice(-4);
    expect(lines?.length).toBeGreaterThan(1);
    const more = { ...row, attempts: 90_000 };
    const reading = { attempts: [more], overruns: [], full: [] };
    step(state, { type: 'sets', reading }, later);
    const told = step(state, { type: 'tick' }, { ...later, nowMs: later.nowMs + 30_000 });
    expect(told.effects.some((effect) => effect.type === 'event')).toBe(true);
    expect(incident()?.evidence.slice(0, lines?.length)).toEqual(lines);
  });

  test('a ban that ended meanwhile is over; where the clock went back it keeps all its time', () => {
    const text = save(lived());
    expect(reborn(text, 2 * hourMs).state.records.get(keyOf(tv))?.ban).toBeUndefined();
    const back = reborn(text, -9e11);
    expect(back.state.records.get(keyOf(tv))?.ban?.endMs).toBe(back.at.nowMs + 600_000);
  });

  test('the kernel kept the time: its bans count, also those of a daemon that died before it saved', () => {
    const held = [
      { set: 'restricted' as const, key: keyOf(tv), remainingMs: 30_000 },
      { set: 'restricted' as const, key: keyOf(laptop), remainingMs: 40_000 },
    ];
    const { state, at, effects } = reborn(save(lived()), 1000, held);
    expect(state.records.get(keyOf(tv))?.ban?.endMs).toBe(at.nowMs + 30_000);
    expect(state.records.get(keyOf(laptop))?.ban?.endMs).toBe(at.nowMs + 40_000);
    expect(effects.filter((effect) => effect.type === 'event')).toEqual([]);
  });

  test('after a restart of the router the kernel holds what a script had: then the date counts', () => {
    const home = world();
    home.ask('block', { device: tv.mac, for: '7d' });
    const text = save(home);
    const script = [{ set: 'blocked' as const, key: keyOf(tv), remainingMs: 168 * hourMs }];
    const { state, at } = reborn(text, 160 * hourMs, script, true);
    expect((state.records.get(keyOf(tv))?.ban?.endMs ?? 0) - at.nowMs).toBe(8 * hourMs);
    const late = reborn(text, 169 * hourMs, script, true);
    expect(late.state.records.get(keyOf(tv))?.ban).toBeUndefined();
    expect(late.effects.findLast((effect) => effect.type === 'apply')?.ruleset().blocked).toEqual([]);
    // Whom the state does not know is held all the same: it was written after the script.
    const newer = [...script, { set: 'blocked' as const, key: keyOf(laptop), remainingMs: hourMs }];
    expect(reborn(text, 0, newer, true).state.records.get(keyOf(laptop))?.ban?.hold).toBe('blocked');
  });

  test('a date that is known only minutes after a restart counts from then on', () => {
    const home = world();
    home.ask('block', { device: tv.mac, for: '7d' });
    const text = save(home);
    const { state, at } = reborn(text, 0, [], true);
    const left = (nowMs: number) => (state.records.get(keyOf(tv))?.ban?.endMs ?? 0) - nowMs;
    const tick = (afterMs: number, wallMs: number) =>
      step(state, { type: 'tick' }, { nowMs: at.nowMs + afterMs, wallMs });
    tick(1000, at.wallMs + 1000);
    expect(left(at.nowMs)).toBe(168 * hourMs);
    for (const year of [1970, 2040]) tick(2000, Date.UTC(year, 1, 1));
    expect(left(at.nowMs)).toBe(168 * hourMs);
    const { effects } = tick(3000, at.wallMs + 160 * hourMs);
    expect(left(at.nowMs + 3000)).toBe(8 * hourMs);
    expect(effects[0]?.type).toBe('apply');
    // It is kept over the next restart, whatever the clock said at the save.
    const again = takeSnapshot(state, { nowMs: at.nowMs + 4000, wallMs: 50_000 });
    expect(again.devices[0]?.b?.[5]).toBe(Math.round((at.wallMs + 168 * hourMs) / 1000));
    tick(4000, at.wallMs + 169 * hourMs);
    expect(state.records.get(keyOf(tv))?.ban).toBeUndefined();
  });

  test('what is until the router restarts outlives the daemon and not the router', () => {
    const home = world();
    home.ask('release', { device: tv.mac, for: 'reboot' });
    home.ask('allow', { device: tv.mac, relay: '192.0.2.7:587', for: 'reboot' });
    home.ask('block', { device: laptop.mac, for: 'reboot' });
    const { record, text } = { record: home.effects, text: save(home) };
    expect(JSON.stringify(record)).toContain('is blocked until the router restarts');
    const held = [{ set: 'blocked' as const, key: keyOf(laptop) }];
    const rulesets = [false, true].map((restarted) => {
      const { effects } = reborn(text, 60_000, restarted ? [] : held, restarted);
      return effects.findLast((effect) => effect.type === 'apply')?.ruleset();
    });
    const endMs = Number.POSITIVE_INFINITY;
    expect(rulesets[0]).toMatchObject({
      released: [{ key: keyOf(tv), endMs }],
      blocked: [{ key: keyOf(laptop), endMs }],
      relays: [{ key: keyOf(tv), endMs }],
    });
    expect(rulesets[1]).toMatchObject({ released: [], blocked: [], relays: [] });
  });

  test('a release that was not saved before the crash is in the kernel, and is not undone', () => {
    const text = save(lived());
    const released = { set: 'released', key: keyOf(tv), remainingMs: hourMs } as const;
    const { state, at, effects } = reborn(text, 5000, [released]);
    const record = state.records.get(keyOf(tv));
    expect(record).toMatchObject({ ban: undefined, releasedUntilMs: at.nowMs + hourMs });
    // What was counted before it speaks no more when its time is over.
    expect(record?.profile.score).toBe(0);
    const ruleset = effects.findLast((effect) => effect.type === 'apply')?.ruleset();
    expect(ruleset).toMatchObject({
      restricted: [],
      released: [{ key: keyOf(tv), endMs: at.nowMs + hourMs }],
    });
    expect(effects.filter((effect) => effect.type === 'event')).toEqual([]);
    const { set, key } = released;
    expect(reborn(text, 5000, [{ set, key }]).state.records.get(key)?.releasedUntilMs).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  test('but by a script of another boot nobody is released, nor by a table in which he is not', () => {
    const text = save(lived());
    const released = { set: 'released', key: keyOf(tv), remainingMs: hourMs } as const;
    for (const { state } of [reborn(text, 5000, [released], true), reborn(text, 5000)])
      expect(state.records.get(keyOf(tv))).toMatchObject({
        ban: { hold: 'restricted' },
        releasedUntilMs: undefined,
      });
  });

  test('a ban that was not saved before the crash ends the release that was', () => {
    const home = lived();
    home.ask('release', { device: tv.mac, for: '4h' });
    const blocked = { set: 'blocked', key: keyOf(tv) } as const;
    expect(reborn(save(home), 5000, [blocked]).state.records.get(keyOf(tv))).toMatchObject({
      ban: { hold: 'blocked' },
      releasedUntilMs: undefined,
    });
  });

  test('a damaged file never throws, and what is not ours is left out', () => {
    const text = save(lived());
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), fc.string({ maxLength: 3 }), (at, put) => {
        const damaged = text.slice(0, at) + put + text.slice(at + 1);
        let value: unknown;
        try {
          value = JSON.parse(damaged);
        } catch {
          return;
        }
        const state = newState({
          config: config(),
          version: '0',
          ...data,
          at: { nowMs: 1, wallMs: startWallMs },
        });
        step(state, { type: 'restore', snapshot: value, adopted: [] }, { nowMs: 1, wallMs: startWallMs });
        step(state, { type: 'tick' }, { nowMs: 2000, wallMs: startWallMs });
      }),
      { numRuns: 400 },
    );
  });
});
