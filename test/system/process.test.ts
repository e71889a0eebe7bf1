import { expect, test } from 'vitest';
import { run, spawnStream } from '../../daemon/system/process.ts';

const bounds = { timeoutMs: 10_000, maxOutputBytes: 10_000 };

test('gives both outputs and the exit code', async () => {
  const result = await run(['sh', '-c', 'printf "grün"; echo bad >&2; exit 3'], bounds);
  expect(result).toEqual({ code: 3, stdout: 'grün', stderr: 'bad\n', timedOut: false, truncated: false });
});

test('arguments are never read by a shell', async () => {
  const hostile = '$(id); `id` "\' > /tmp/x';
  expect((await run(['printf', '%s', hostile], bounds)).stdout).toBe(hostile);
});

test('a missing program is code 127 and a message', async () => {
  const result = await run(['postern-no-such-program'], bounds);
  expect(result).toMatchObject({ code: 127, stdout: '', timedOut: false });
  expect(result.stderr).toContain('ENOENT');
});

test('an impossible argument is no exception', async () => {
  expect(await run(['echo', 'a\0b'], bounds)).toMatchObject({ code: 127, stdout: '' });
});

test('what takes too long is killed, with its output so far, even where a grandchild holds the pipe', async () => {
  const result = await run(['sh', '-c', 'echo early; sleep 3'], { ...bounds, timeoutMs: 200 });
  expect(result).toMatchObject({ code: 137, stdout: 'early\n', timedOut: true, truncated: false });
}, 2_500);

test('what writes too much is killed', async () => {
  const result = await run(['yes', 'x'], { ...bounds, maxOutputBytes: 1_000 });
  expect(result).toMatchObject({ code: 137, stdout: 'x\n'.repeat(500), truncated: true, timedOut: false });
});

test('the environment is one language', async () => {
  expect((await run(['sh', '-c', 'printf %s "$LC_ALL"'], bounds)).stdout).toBe('C');
});

/** A streamed child with all that it told; `ended` is what onExit got, which must come once. */
function stream(...argv: Parameters<typeof spawnStream>[0]) {
  const told = { stdout: '', stderr: '', wakes: 0, exits: 0 };
  let child: ReturnType<typeof spawnStream> | undefined;
  const ended = new Promise<readonly [code: number, error: string | undefined]>((resolve) => {
    child = spawnStream(argv, {
      onStdout(text) {
        told.stdout += text;
        told.wakes++;
      },
      onStderr(text) {
        told.stderr += text;
      },
      onExit(code, error) {
        told.exits++;
        resolve([code, error]);
      },
    });
  });
  return { told, child, ended };
}

test('a stream comes whole and in order, then its end, once', async () => {
  const { told, ended } = stream('sh', '-c', 'echo one; echo two >&2; printf "\\303\\274"; exit 4');
  expect(await ended).toEqual([4, undefined]);
  expect(told).toMatchObject({ stdout: 'one\n\xc3\xbc', stderr: 'two\n', exits: 1 });
});

test('many small pieces are read in few batches, and none is lost', async () => {
  const script = `let i = 0; const t = setInterval(() => {
    process.stdout.write('line ' + i++ + '\\n');
    if (i === 500) clearInterval(t);
  }, 1)`;
  const { told, ended } = stream(process.execPath, '-e', script);
  await ended;
  expect(told.stdout).toBe(Array.from({ length: 500 }, (_, index) => `line ${index}\n`).join(''));
  expect(told.wakes).toBeGreaterThan(15);
  expect(told.wakes).toBeLessThan(250);
});

test('a stopped stream ends', async () => {
  const { child, ended } = stream('sleep', '60');
  expect(child?.pid).toBeGreaterThan(1);
  child?.stop();
  expect(await ended).toEqual([143, undefined]);
});

test.each([
  ['a missing program', 'postern-no-such-program', 'ENOENT'],
  ['an impossible one', 'a\0b', 'null bytes'],
])('a stream of %s ends with 127', async (_, program, message) => {
  const { told, child, ended } = stream(program);
  expect(child?.pid).toBeUndefined();
  const [code, error] = await ended;
  expect(code).toBe(127);
  expect(error).toContain(message);
  child?.stop();
  expect(told.exits).toBe(1);
});
