import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { stateText } from '../../daemon/engine/fit-snapshot.ts';
import { takeSnapshot } from '../../daemon/engine/snapshot.ts';
import { newState } from '../../daemon/engine/state.ts';
import { step } from '../../daemon/engine/step.ts';
import { openStore } from '../../daemon/main-store.ts';
import { readState } from '../../daemon/system/state-file.ts';
import { data } from '../detection/provider-data.ts';
import { mail } from './household.ts';
import { config, keyOf, laptop, servers, startWallMs, tv, world } from './world.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-state-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The state file of a home with a relay, a ban and an incident. */
function saved(): string {
  const home = world();
  mail(home, laptop.address, '33.40.4.25');
  for (const server of servers.slice(0, 4)) home.open(tv.address, server);
  home.ask('block', { device: tv.mac, for: '24h' });
  return stateText(takeSnapshot(home.state, { nowMs: home.nowMs, wallMs: startWallMs }), []);
}

test('a state file cut off at any byte is set aside, and the bans of the kernel are taken over', async () => {
  const text = saved();
  const path = join(folder, 'state.json');
  expect(text.length).toBeGreaterThan(500);
  const adopted = [{ set: 'blocked', key: keyOf(tv), remainingMs: 3_600_000 }] as const;
  for (let length = 0; length < text.length; length++) {
    writeFileSync(path, text.slice(0, length));
    const read = await readState(path);
    // A closing line's end may be missing: then nothing is.
    const isWhole = text.slice(length).trim() === '';
    expect(read.kind, `${length} of ${text.length} bytes`).toBe(isWhole ? 'snapshot' : 'damaged');
    const at = { nowMs: 1000, wallMs: startWallMs };
    const state = newState({ config: config(), version: '0', ...data, at });
    const snapshot = read.kind === 'snapshot' ? read.snapshot : undefined;
    step(state, { type: 'restore', snapshot, adopted }, at);
    expect(state.records.get(keyOf(tv))?.ban?.hold).toBe('blocked');
  }
});

test('an event that the broker takes while the state is written is known to be in the file', async () => {
  const store = openStore(folder, folder);
  const home = world();
  const unsent = [{ id: 'home-1.1', payload: '{}' }];
  const at = { nowMs: home.nowMs, wallMs: startWallMs };
  store.ask(true);
  const saved = store.save(() => ({ state: home.state, at, unsent, ruleset: undefined }), home.nowMs);
  unsent.pop();
  expect(await saved).toBe('saved');
  expect(store.savedUnsent()).toBe(1);
});
