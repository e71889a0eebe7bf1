import { describe, expect, test } from 'vitest';
import type { StampedInput } from '../../daemon/engine/input.ts';
import { takeSnapshot } from '../../daemon/engine/snapshot.ts';
import { newState, type State } from '../../daemon/engine/state.ts';
import { step } from '../../daemon/engine/step.ts';
import { statusDocument } from '../../daemon/engine/views.ts';
import { data } from '../detection/provider-data.ts';
import { household } from './household.ts';
import { config, keyOf, laptop, servers, startWallMs, stateOf, tv, type World, world } from './world.ts';

const hourMs = 3_600_000;
const in1970 = 40_000;
const in2040 = Date.UTC(2040, 1, 1);

/** What the home did, under another wall clock: the decisions in order, and the state. */
function relive(inputs: readonly StampedInput[], wallAt: (nowMs: number, index: number) => number) {
  const [begin] = inputs;
  if (!begin) throw new Error('nothing happened');
  const state = newState({ config: config(), version: '0', ...data, at: begin.at });
  const decisions: string[] = [];
  for (const [index, input] of inputs.entries()) {
    const at = { nowMs: input.at.nowMs, wallMs: wallAt(input.at.nowMs, index) };
    for (const effect of step(state, input, at).effects)
      decisions.push(effect.type === 'event' ? `event ${effect.document.type}` : effect.type);
  }
  return { state, decisions };
}

/** All but what is told by the wall clock: lines of evidence begin with the time. */
function judged(state: State) {
  return [...state.records].map(([key, { evidence, incident, ...rest }]) => {
    const lines = evidence.map((line) => line.replace(/^\d\d-\d\d \d\d:\d\d:\d\d /, ''));
    return [key, lines, incident !== undefined, rest];
  });
}

const clocks = {
  'in 1970, and stays there': () => in1970,
  'in 2040': () => in2040,
  'in 1970 until NTP sets it': (nowMs: number, index: number) => (index < 300 ? in1970 : startWallMs) + nowMs,
  'jumping between 1970, now and 2040': (_: number, index: number) =>
    [in1970, startWallMs, in2040, -5][index % 4] ?? 0,
};

describe('a wall clock that is wrong', () => {
  test.each(Object.entries(clocks))('%s, changes no decision, no ban and no memory', (_, wallAt) => {
    const { inputs } = household(60);
    const right = relive(inputs, (nowMs) => startWallMs + nowMs);
    const wrong = relive(inputs, wallAt);
    expect(right.decisions.filter((one) => one.startsWith('event ')).length).toBeGreaterThan(5);
    expect(wrong.decisions).toEqual(right.decisions);
    expect(judged(wrong.state)).toEqual(judged(right.state));
  });

  test('a ban ends by the clock that does not jump', () => {
    const home = world();
    home.ask('block', { device: tv.mac, for: '1h' });
    const at = (wallMs: number) => step(home.state, { type: 'tick' }, { nowMs: home.nowMs, wallMs });
    for (const wallMs of [in2040, in1970]) at(wallMs);
    expect(stateOf(home, tv)).toBe('blocked');
    home.nowMs += hourMs;
    at(in1970);
    expect(stateOf(home, tv)).toBeUndefined();
  });

  test('what it says of times is a date all the same', () => {
    const home = world();
    home.open(tv.address, servers[0] ?? '');
    for (const wallMs of [in1970, in2040, 0, -1, 4_102_444_800_000]) {
      const text = JSON.stringify(statusDocument({ state: home.state, at: { nowMs: home.nowMs, wallMs } }));
      expect(text).not.toMatch(/NaN|Infinity|undefined/);
    }
  });
});

/** A TV that its owner blocked for two hours and a laptop with a relay, saved at that wall time. */
function savedAt(wallMs: number): unknown {
  const home: World = world();
  home.ask('block', { device: tv.mac, for: '2h' });
  const flow = home.open(laptop.address, '33.40.4.25', 587);
  const counters = { out: { packets: 25, bytes: 3600 }, back: { packets: 23, bytes: 2400 } };
  home.give({ type: 'flow', flow: { ...flow, ...counters, kind: 'destroy', replied: true, assured: true } });
  home.open(laptop.address, servers[0] ?? '');
  return JSON.parse(JSON.stringify(takeSnapshot(home.state, { nowMs: home.nowMs, wallMs })));
}

describe('a clock that jumps between the save and the next start', () => {
  test.each([
    ['saved in 1970, right now', in1970, startWallMs, 2 * hourMs],
    ['saved in 2040, right now', in2040, startWallMs, 2 * hourMs],
    ['right, then 1970', startWallMs, in1970, 2 * hourMs],
    ['right, then 2040', startWallMs, in2040, 2 * hourMs],
    ['right, an hour later', startWallMs, startWallMs + hourMs, hourMs],
  ])('%s', (_, savedMs, wallMs, leftMs) => {
    const at = { nowMs: 5000, wallMs };
    const state = newState({ config: config(), version: '0', ...data, at });
    const { effects } = step(state, { type: 'restore', snapshot: savedAt(savedMs), adopted: [] }, at);
    const ban = state.records.get(keyOf(tv))?.ban;
    expect(ban?.hold).toBe('blocked');
    expect((ban?.endMs ?? 0) - at.nowMs).toBe(leftMs);
    const ruleset = effects.findLast((effect) => effect.type === 'apply')?.ruleset();
    expect(ruleset?.relays).toMatchObject([{ key: keyOf(laptop), port: 587 }]);
    expect(state.records.get(keyOf(laptop))?.profile.score).toBeGreaterThan(1);
    // And it goes on from there.
    step(state, { type: 'tick' }, { nowMs: 5000 + leftMs, wallMs: wallMs - 1 });
    expect(state.records.get(keyOf(tv))?.ban).toBeUndefined();
  });
});
