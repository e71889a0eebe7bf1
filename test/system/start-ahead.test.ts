import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startAhead } from '../../daemon/system/start-ahead.ts';

const bounds = { timeoutMs: 10_000, maxOutputBytes: 1_000_000 };
/** Opens its input by name, as nft does. */
const reader = ['cat', '/dev/stdin'] as const;
/** More than a pipe holds. */
const long = 'x'.repeat(300_000);
const path = process.env['PATH'];
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'postern-sh-'));
});
afterEach(() => {
  process.env['PATH'] = path;
  rmSync(dir, { recursive: true });
});

const pidsIn = (list: string) => list.split(' ').filter(Boolean).map(Number);

/** Of all its threads. */
function childrenOf(pid: number): number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.flatMap((task) => pidsIn(readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1')));
}

/** Of this thread alone: others run other tests. */
const ownChildren = () => pidsIn(readFileSync('/proc/thread-self/children', 'latin1'));

/** Starts it with this file as `sh`, and waits until it waits. */
async function waiting(sh?: string) {
  if (sh !== undefined) {
    symlinkSync(sh, join(dir, 'sh'));
    process.env['PATH'] = `${dir}:${path}`;
  }
  const before = new Set(ownChildren());
  const child = startAhead(reader);
  await sleep(300);
  const pids = ownChildren().filter((pid) => !before.has(pid));
  return { child, pids };
}

test('what waits is the program itself, and nothing beside it', async () => {
  const { child, pids } = await waiting();
  const [pid = 0, ...others] = pids;
  expect(child.isAlive()).toBe(true);
  expect(others).toEqual([]);
  expect(readFileSync(`/proc/${pid}/cmdline`, 'latin1')).toBe('cat\0/dev/stdin\0');
  expect(childrenOf(pid)).toEqual([]);
  child.stop();
  await expect.poll(() => child.isAlive()).toBe(false);
});

/** How it ended: only the length of what it read, since nobody wants to see it. */
async function fed(child: ReturnType<typeof startAhead>) {
  const { code, stdout, stderr } = await child.feed(long, bounds);
  return { code, stderr, isWhole: stdout.trimStart() === long };
}
const whole = { code: 0, stderr: '', isWhole: true };

test.each(['/bin/dash', '/bin/bash', '/bin/busybox'])(
  '%s hands on what is more than a pipe holds',
  async (sh) => {
    expect(await fed((await waiting(sh)).child)).toEqual(whole);
    // Before it waits.
    expect(await fed(startAhead(reader))).toEqual(whole);
  },
);

test('where the shell makes no pipe, cat passes the input on', async () => {
  const old = join(dir, 'old-shell');
  const script = ['#!/bin/sh', 'shift', 'script=$1', 'shift'];
  const plain = `exec /bin/sh -c "$(printf %s "$script" | sed 's/^exec 3<<E$/exec 3<\\/dev\\/null; : <<E/')" "$@"`;
  writeFileSync(old, [...script, plain].join('\n'));
  chmodSync(old, 0o755);
  const { child, pids } = await waiting(old);
  expect(childrenOf(pids[0] ?? 0)).toHaveLength(2);
  expect(await fed(child)).toEqual(whole);
});

test.each([0, 300])('a program that is not there is code 127, fed after %i ms', async (ms) => {
  const child = startAhead(['postern-no-such-program']);
  await sleep(ms);
  expect(await child.feed('input', bounds)).toMatchObject({ code: 127 });
});
