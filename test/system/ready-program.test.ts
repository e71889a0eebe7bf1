import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { type ReadyProgram, readyProgram } from '../../daemon/system/ready-program.ts';

const bounds = { timeoutMs: 10_000, maxOutputBytes: 1_000_000 };
let program: ReadyProgram | undefined;
afterEach(() => program?.close());

/** Of all its threads: those that a test's worker started. */
function children(): number[] {
  const tasks = readdirSync(`/proc/${process.pid}/task`);
  return tasks
    .map((task) => readFileSync(`/proc/${process.pid}/task/${task}/children`, 'latin1'))
    .flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

test('runs the program each time, and the next process waits before it is asked for', async () => {
  program = readyProgram(['sh', '-c', 'echo "$$"; echo "$1" >&2; exit 3', 'sh', 'a  b'], 50);
  const before = children();
  const pids = [];
  for (let i = 0; i < 3; i++) {
    if (i === 1) expect(children()).toHaveLength(before.length);
    if (i === 1) await expect.poll(children).toHaveLength(before.length + 1);
    const waiting = children();
    const result = await program.run(bounds);
    expect(result).toMatchObject({ code: 3, stderr: 'a  b\n' });
    const pid = Number(result.stdout);
    pids.push(pid);
    // The first run starts its own; from then on what answers is what waited.
    if (i > 0) expect(waiting).toContain(pid);
  }
  expect(new Set(pids).size).toBe(3);
});

test('runs that overlap are processes of their own, and one waits afterwards', async () => {
  program = readyProgram(['sh', '-c', 'echo "$$"'], 0);
  const before = new Set(children());
  const results = await Promise.all([program.run(bounds), program.run(bounds), program.run(bounds)]);
  expect(new Set(results.map(({ stdout }) => stdout)).size).toBe(3);
  await expect.poll(() => children().filter((pid) => !before.has(pid))).toHaveLength(1);
});

test('what waits ends when it is closed, and when it was killed another is started', async () => {
  program = readyProgram(['echo', 'here'], 0);
  const before = new Set(children());
  const own = () => children().filter((pid) => !before.has(pid));
  await program.run(bounds);
  await expect.poll(own).toHaveLength(1);
  const [waiting = Number.NaN] = own();
  process.kill(waiting, 'SIGKILL');
  await expect.poll(own).toEqual([]);
  expect(await program.run(bounds)).toMatchObject({ code: 0, stdout: 'here\n' });
  expect(own()).toHaveLength(1);
  program.close();
  await expect.poll(own).toEqual([]);
});

test('a program that is not there is told as such', async () => {
  program = readyProgram(['postern-no-such-program']);
  expect((await program.run(bounds)).code).toBe(127);
  expect((await program.run(bounds)).code).toBe(127);
});
