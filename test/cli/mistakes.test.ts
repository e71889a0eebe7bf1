import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

describe('a start with mistakes in the configuration', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-mistakes-'));
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ main: { mode: 'gaurd' } }));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** The built daemon, once it has named the mistake. */
  async function started(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
    const args = ['dist/postern.cjs', 'run', '--config', join(folder, 'config.json')];
    const daemon = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: 'pipe' });
    const lines = await Promise.race([once(daemon.stdout, 'data'), once(daemon.stderr, 'data')]);
    expect(String(lines)).toContain('"gaurd" is not one of');
    return daemon;
  }

  test('ends with 78', async () => {
    const daemon = await started({});
    expect(await once(daemon, 'exit')).toEqual([78, null]);
  });

  test('of a service, which would be started again at once, waits for a reload', async () => {
    const daemon = await started({ POSTERN_SERVICE: '1' });
    const ended = once(daemon, 'exit');
    const first = await Promise.race([
      ended,
      new Promise((resolve) => void setTimeout(resolve, 700, 'waits')),
    ]);
    expect(first).toBe('waits');
    daemon.kill('SIGHUP');
    expect(await ended).toEqual([78, null]);
  });

  test('of a service that is stopped ends', async () => {
    const daemon = await started({ POSTERN_SERVICE: '1' });
    daemon.kill('SIGTERM');
    expect(await once(daemon, 'exit')).toEqual([null, 'SIGTERM']);
  });
});
