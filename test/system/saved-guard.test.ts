import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore } from '../../daemon/main-store.ts';
import { startWallMs, world } from '../engine/world.ts';

/** nft checks what is saved, as root only. */
describe.skipIf(process.getuid?.() !== 0)('the saved table', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-saved-'));
    mkdirSync(join(folder, 'run'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Whether what is saved of a home refuses anything. */
  async function holds(home: ReturnType<typeof world>): Promise<boolean> {
    const store = openStore(folder, join(folder, 'run'));
    const { state, nowMs } = home;
    store.ask(true);
    const content = { state, at: { nowMs, wallMs: startWallMs }, unsent: [], ruleset: home.ruleset() };
    expect(await store.save(() => content, nowMs)).toBe('saved');
    return /\breject\b/.test(readFileSync(join(folder, 'guard.nft'), 'utf8'));
  }

  test('holds after a restart, which ends a pause', async () => {
    const home = world();
    home.ask('pause', { for: '1h' });
    expect(home.ruleset()).toMatchObject({ holding: false });
    expect(await holds(home)).toBe(true);
  });

  test('refuses nothing where its owner wants to be told only', async () => {
    const home = world({ mode: 'observe' });
    home.give({ type: 'config', config: home.state.config });
    expect(await holds(home)).toBe(false);
  });

  test('a start has as many writes as the run before had left', async () => {
    const { state, nowMs } = world();
    const ends = nowMs + 10 * 60_000;
    const written = (startMs: number) => {
      const store = openStore(folder, join(folder, 'run'));
      const at = { nowMs: startMs, wallMs: Date.now() };
      return store.read().then(async () => {
        store.ask(true);
        return store.save(() => ({ state, at, unsent: [], ruleset: undefined }), startMs);
      });
    };
    let writes = 0;
    for (let startMs = nowMs; startMs < ends; startMs += 5000)
      if ((await written(startMs)) === 'saved') writes++;
    expect(writes).toBe(50);
  });
});
