import { expect, test } from 'vitest';
import { knownRelays } from '../../daemon/detection/known.ts';
import { emptyProfile, scoreAt } from '../../daemon/detection/profile.ts';
import type { DeviceRecord } from '../../daemon/engine/device-record.ts';
import { maxStateBytes, stateText } from '../../daemon/engine/fit-snapshot.ts';
import { takeSnapshot } from '../../daemon/engine/snapshot.ts';
import { newState, type State } from '../../daemon/engine/state.ts';
import { step } from '../../daemon/engine/step.ts';
import { data } from '../detection/provider-data.ts';
import { household, mail, resident } from './household.ts';
import { config, keyOf, laptop, servers, startWallMs, type World, world } from './world.ts';

const wallOf = (home: World) => startWallMs + home.nowMs - 1_000_000;
const events = Array.from({ length: 100 }, (_, index) => ({ id: `e${index}`, payload: 'x'.repeat(700) }));

function saved(home: World): string {
  return stateText(takeSnapshot(home.state, { nowMs: home.nowMs, wallMs: wallOf(home) }), events);
}

/** The state of a daemon that starts a minute later, on the clock of another boot. */
function reborn(home: World, text: string): { state: State; nowMs: number } {
  const at = { nowMs: 5000, wallMs: wallOf(home) + 60_000 };
  const state = newState({ config: config(), version: '0', ...data, at });
  step(state, { type: 'restore', snapshot: JSON.parse(text), adopted: [] }, at);
  return { state, nowMs: at.nowMs };
}

/** What a restart must not change, with times as they stood at the save. */
function kept(
  { profile, ban, learned, firstSeenMs, connections, refused, incident }: DeviceRecord,
  atMs: number,
) {
  const age = (ms: number) => Math.round((atMs - ms) / 60_000);
  return {
    score: Math.round(scoreAt(profile, atMs) * 100),
    relays: knownRelays(profile).map(({ group, portClass, lastSeenMs }) => [
      group,
      portClass,
      age(lastSeenMs),
    ]),
    learned: learned.map(({ group, address, port, lastMs }) => [group, address, port, age(lastMs)]),
    firstSeen: age(firstSeenMs),
    ...{ hold: ban?.hold, connections, refused, incident },
  };
}

test('250 devices with their relays and incidents, and what the broker lacks, fit into 64 KB; nothing of theirs is lost', () => {
  const home = household(250);
  const text = saved(home);
  const { devices, incidents, unsent } = JSON.parse(text) as {
    devices: { k: string; p: { k: unknown[] } }[];
    incidents: unknown[];
    unsent: { id: string }[];
  };
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxStateBytes);
  expect(devices).toHaveLength(home.state.records.size);
  expect(incidents).toHaveLength(10);
  expect(unsent.at(-1)?.id).toBe('e99');
  const relays = devices.reduce((sum, { p }) => sum + p.k.length, 0);
  const bytes = JSON.stringify(devices).length;
  console.log(
    `${text.length} bytes: ${devices.length} devices in ${bytes}, ${relays} relays; ${unsent.length} events`,
  );
  expect(bytes).toBeLessThan(200 * devices.length + 48 * relays);

  const { state, nowMs } = reborn(home, text);
  for (const [key, record] of home.state.records) {
    const after = state.records.get(key);
    expect(after && kept(after, nowMs - 60_000)).toEqual(kept(record, home.nowMs));
  }
});

test('a home of few devices has room for every event that is kept', () => {
  const text = saved(household(20));
  expect((JSON.parse(text) as { unsent: unknown[] }).unsent).toHaveLength(64);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxStateBytes);
});

test('512 devices in the worst of states fit too: held ones go last', () => {
  const home = world();
  for (let index = 0; index < 600; index++)
    for (const server of servers.slice(0, 5)) home.open(`10.8.${index >> 8}.${index & 255}`, server);
  // Among them a device of the home with a relay, and one that its owner blocked.
  mail(home, laptop.address, servers[50] ?? '');
  const { mac } = resident(1);
  home.ask('block', { device: mac });
  home.open('10.8.9.9', servers[0] ?? '');
  const text = saved(home);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxStateBytes);
  const { state } = reborn(home, text);
  expect(state.records.get(keyOf({ mac }))?.ban?.hold).toBe('blocked');
  expect(knownRelays(state.records.get(keyOf(laptop))?.profile ?? emptyProfile(0))).toHaveLength(1);
  expect(state.records.size).toBeGreaterThan(100);
});

test('names in two bytes a letter count as such', () => {
  const home = household(250);
  for (const incident of home.state.incidents.values()) Object.assign(incident, { name: 'ü'.repeat(60) });
  const text = stateText(takeSnapshot(home.state, { nowMs: home.nowMs, wallMs: wallOf(home) }), [
    ...events,
    { id: 'last', payload: 'ö'.repeat(3000) },
  ]);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxStateBytes);
});

test.each([
  ['that is small', 2],
  ['whose state fills the file', 250],
])(
  'in a home %s an incident that no broker has yet outlives a restart, however often the connection went',
  (_size, devices) => {
    const others = Array.from({ length: 200 }, (_, index) => ({
      id: `home-20261121T150000Z-${index}`,
      payload: 'x'.repeat(700),
    }));
    const incident = { id: 'home-20261121T140203Z-7.1', payload: 'x'.repeat(700) };
    const home = household(devices);
    const text = stateText(takeSnapshot(home.state, { nowMs: home.nowMs, wallMs: wallOf(home) }), [
      incident,
      ...others,
    ]);
    const { unsent } = JSON.parse(text) as { unsent: { id: string }[] };
    expect(unsent.length).toBeLessThanOrEqual(64);
    expect([unsent[0]?.id, unsent.at(-1)?.id]).toEqual([incident.id, others.at(-1)?.id]);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxStateBytes);
  },
);
