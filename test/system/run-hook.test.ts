import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HookOptions, runHook } from '../../daemon/system/run-hook.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-hook-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const PATH = process.env['PATH'] ?? '';
const kept = (name: string) => readFileSync(join(folder, name), 'utf8');

/** Runs a shell script in a file of its own, with its folder as `$DIR`. */
function hook(script: string, options: Partial<HookOptions> = {}, mode = 0o755) {
  const path = join(folder, 'hook');
  writeFileSync(path, script, { mode });
  return runHook(path, { env: { PATH, DIR: folder }, input: '', timeoutMs: 10_000, ...options });
}

const sh = (body: string) => `#!/bin/sh\n${body}\n`;
async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !isSo(); tries++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isSo()).toBe(true);
}
/** Whether a process lives; one that ended and was not waited for yet does not. */
const lives = (pid: number) => /^State:\s+[^Z]/m.test(readText(`/proc/${pid}/status`));
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

describe('a hook', () => {
  it('gets its input, the environment it is given and no other, and no argument', async () => {
    const hostile = '$(touch "$DIR/bad") `touch "$DIR/bad"` "\' ; touch bad\n-e';
    const result = await hook(sh('cat >"$DIR/in"; printf %s "$X" >"$DIR/x"; env >"$DIR/env"; echo $#'), {
      env: { PATH, DIR: folder, X: hostile },
      input: '{"a":1}\n',
    }).ended;
    expect(result).toMatchObject({ code: 0, timedOut: false, output: '0\n' });
    expect(kept('in')).toBe('{"a":1}\n');
    expect(kept('x')).toBe(hostile);
    expect(existsSync(join(folder, 'bad'))).toBe(false);
    const names = [...kept('env').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(
      names.filter((name) => !['PATH', 'DIR', 'X', 'PWD', '_', 'SHLVL', 'OLDPWD'].includes(name ?? '')),
    ).toEqual([]);
  });

  it('tells its exit code, the signal that ended it, and what it wrote', async () => {
    expect(await hook(sh('echo out; sleep 0.1; echo err >&2; exit 22')).ended).toMatchObject({
      code: 22,
      output: 'out\nerr\n',
    });
    expect(await hook(sh('kill -9 $$')).ended).toMatchObject({ code: 137, timedOut: false });
  });

  it('need not read its input', async () => {
    expect(await hook(sh('exec true'), { input: 'x'.repeat(1_000_000) }).ended).toMatchObject({ code: 0 });
  });

  it('is code 127 with a reason where it cannot be started', async () => {
    const wrong = await hook('#!/no/such/shell\n').ended;
    expect(wrong).toMatchObject({ code: 127, output: expect.stringContaining('ENOENT') });
    expect(await hook(sh('true'), { env: { X: 'a\0b' } }).ended).toMatchObject({ code: 127 });
  });

  it('may write without end: the beginning is kept', async () => {
    const { code, output } = await hook(sh('yes | head -c 3000000; exit 3')).ended;
    expect(code).toBe(3);
    expect(output).toBe('y\n'.repeat(2048));
  });

  it('is asked to end when its time is up, with what it started', async () => {
    const script = sh('sleep 60 & echo $! >"$DIR/child"; trap "echo asked; exit 5" TERM; wait');
    const { code, timedOut, output } = await hook(script, { timeoutMs: 300 }).ended;
    expect({ code, timedOut, output }).toEqual({ code: 5, timedOut: true, output: 'asked\n' });
    await until(() => !lives(Number(kept('child'))));
  });

  it('is ended where it does not want to, with what it started', async () => {
    const script = sh('trap "" TERM; sleep 60 & echo $! >"$DIR/child"; while :; do sleep 60; done');
    const { code, timedOut } = await hook(script, { timeoutMs: 200 }).ended;
    expect({ code, timedOut }).toEqual({ code: 137, timedOut: true });
    await until(() => !lives(Number(kept('child'))));
  });

  it('leaves nothing behind, and is not waited for by what it leaves', async () => {
    const left = await hook(sh('sleep 60 & echo $! >"$DIR/child"')).ended;
    expect(left).toMatchObject({ code: 0, timedOut: false });
    expect(left.durationMs).toBeLessThan(5000);
    await until(() => !lives(Number(kept('child'))));
    // One that left the group keeps its life, and holds nobody up.
    const away = await hook(sh('setsid sleep 7 & echo $! >"$DIR/child"; sleep 0.3')).ended;
    expect(away.durationMs).toBeLessThan(5000);
    spawnSync('kill', [kept('child').trim()]);
  });

  it('can be stopped', async () => {
    const { ended, stop } = hook(sh('exec sleep 60'));
    stop();
    expect(await ended).toMatchObject({ code: 143, timedOut: false });
  });
});
