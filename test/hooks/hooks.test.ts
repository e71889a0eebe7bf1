import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFeed, type Feed } from '../../daemon/control/feed.ts';
import type { EventDocument } from '../../daemon/engine/documents.ts';
import { type ControlServer, serveControl } from '../../daemon/system/unix-socket.ts';
import { hooksUser, withoutRights } from './without-rights.ts';

const isRoot = process.getuid?.() === 0;
let bundled: string;
let folder: string;
let hooks: string;
let out: string;
let socket: string;
let leftovers: (() => unknown)[] = [];

beforeAll(async () => {
  bundled = mkdtempSync(join(tmpdir(), 'postern-hooks-bundle-'));
  chmodSync(bundled, 0o755);
  await build({
    entryPoints: ['test/hooks/hooks-process.ts'],
    outfile: join(bundled, 'hooks.mjs'),
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'error' },
  });
});
afterAll(() => rmSync(bundled, { recursive: true }));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-hooks-'));
  chmodSync(folder, 0o755);
  hooks = join(folder, 'hooks.d');
  out = join(folder, 'out');
  socket = join(folder, 'events', 'postern.sock');
  for (const path of [hooks, out, join(folder, 'events')]) mkdirSync(path, { mode: 0o755 });
  if (isRoot) chownSync(out, hooksUser, hooksUser);
  leftovers = [];
});
afterEach(async () => {
  for (const clean of leftovers.reverse()) await clean();
  rmSync(folder, { recursive: true });
});

/** The daemon's side, with its socket open to the hooks' user as a group of its folder's would be. */
async function serve(feed: Feed): Promise<ControlServer> {
  const result = await serveControl({ path: socket, serve: feed });
  if (result.kind !== 'serving') throw new Error(result.kind);
  if (isRoot) chownSync(socket, 0, hooksUser);
  leftovers.push(() => result.server.close());
  return result.server;
}

interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly log: () => string;
  readonly code: Promise<number | null>;
}

function start(words: readonly string[] = [], prefix = withoutRights): Running {
  const argv = [...prefix, process.execPath, join(bundled, 'hooks.mjs'), hooks, socket, ...words];
  const child = spawn(argv[0] ?? '', argv.slice(1), {
    env: { PATH: process.env['PATH'], OUT: out, SECRET: 'x' },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      log += chunk;
    });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  leftovers.push(async () => {
    child.kill('SIGKILL');
    await code;
  });
  return { child, log: () => log, code };
}

const put = (name: string, body: string, mode = 0o755) => {
  writeFileSync(join(hooks, name), `#!/bin/sh\nOUT='${out}'\n${body}\n`);
  chmodSync(join(hooks, name), mode);
};
const kept = (name: string) => (existsSync(join(out, name)) ? readFileSync(join(out, name), 'utf8') : '');
const poll = (text: () => string) => expect.poll(text, { timeout: 15_000 });
const event = (number: number, more: Partial<EventDocument> = {}): EventDocument => ({
  ...{ schema: 1, id: `home-1.${number}`, type: 'blocked', at: '2026-11-21T14:02:03Z', node: 'home' },
  ...{ text: 'It is blocked.', ...more },
});

describe('postern hooks', () => {
  it('runs each hook for each event, with the event in its environment and on its input, and no rights', async () => {
    const name = 'x\n$(touch bad) `id` "\'';
    put(
      '10-env',
      'printf "%s|" "$POSTERN_TYPE" "$POSTERN_NAME" "$(env | grep -c ^SECRET)" "$PWD" >>"$OUT/env"; id -u >"$OUT/uid"',
    );
    put('20-input', 'cat >>"$OUT/input"; grep ^CapEff /proc/self/status >"$OUT/caps"');
    const feed = createFeed();
    await serve(feed);
    const { log } = start();
    await poll(log).toContain('runs the hooks in');
    feed.publish(event(1, { name }));
    feed.publish(event(2, { name: 'second', type: 'released' }));
    await poll(log).toContain('20-input: done with home-1.2');
    const safe = name.replace('\n', '?');
    expect(kept('env')).toBe(`blocked|${safe}|0|/|released|second|0|/|`);
    expect(
      kept('input')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ name }, { name: 'second' }]);
    expect(kept('caps')).toMatch(/^CapEff:\s+0{16}\n$/);
    expect(Number(kept('uid'))).toBe(isRoot ? hooksUser : process.getuid?.());
  });

  it('goes on over a restart of the daemon, and runs no event twice', async () => {
    put('note', 'echo "$POSTERN_ID" >>"$OUT/ids"');
    const first = createFeed();
    const server = await serve(first);
    const { log } = start();
    await poll(log).toContain('runs the hooks in');
    first.publish(event(1));
    await poll(() => kept('ids')).toBe('home-1.1\n');
    await server.close();
    const second = createFeed();
    // A daemon that was killed tells again what it could not save.
    for (const number of [1, 2]) second.publish(event(number));
    await serve(second);
    await poll(() => kept('ids')).toBe('home-1.1\nhome-1.2\n');
    second.publish(event(3));
    await poll(() => kept('ids')).toBe('home-1.1\nhome-1.2\nhome-1.3\n');
    expect(log()).toContain('events cannot be followed: the daemon closed the connection; trying again');
  });

  it('tells how a hook failed, with the beginning of what it wrote and nothing that moves a cursor', async () => {
    put('bad', 'printf "no route\\033[2J\\n1\\n2\\n3\\n4\\n5\\n" >&2; exit 7');
    const feed = createFeed();
    await serve(feed);
    const { log } = start();
    await poll(log).toContain('runs the hooks in');
    feed.publish(event(1));
    await poll(log).toContain('warn: bad: 4\n');
    expect(log()).toContain('warn: bad: ended with exit code 7 at home-1.1\nwarn: bad: no route?[2J\n');
    expect(log()).not.toContain('bad: 5');
  });

  it('skips what it should not run, told once, and sees what is put there later', async () => {
    put('good', 'echo "$POSTERN_ID" >>"$OUT/good"');
    put('open', 'echo bad >>"$OUT/open"', 0o777);
    const feed = createFeed();
    await serve(feed);
    const { log } = start();
    await poll(log).toContain('runs the hooks in');
    feed.publish(event(1));
    await poll(() => kept('good')).toBe('home-1.1\n');
    put('later', 'echo "$POSTERN_ID" >>"$OUT/later"');
    feed.publish(event(2));
    await poll(() => kept('later')).toBe('home-1.2\n');
    await poll(() => kept('good')).toBe('home-1.1\nhome-1.2\n');
    expect(log().match(/open can be written by others/g)).toHaveLength(1);
    expect(kept('open')).toBe('');
  });

  it('ends on SIGTERM with what it runs', async () => {
    put('slow', 'trap "sleep 1; exit 143" TERM; sleep 60 & echo $! >"$OUT/child"; wait');
    const feed = createFeed();
    await serve(feed);
    const { child, log, code } = start();
    await poll(log).toContain('runs the hooks in');
    feed.publish(event(1));
    feed.publish(event(2));
    await poll(() => kept('child')).not.toBe('');
    child.kill('SIGTERM');
    await sleep(200);
    child.kill('SIGTERM');
    expect(await code).toBe(0);
    expect(log()).toContain('slow: ended with exit code 143 at home-1.1');
    await expect
      .poll(() => existsSync(`/proc/${kept('child').trim()}/environ`) && isAlive(kept('child').trim()))
      .toBe(false);
  });

  it.runIf(isRoot)('does not start with capabilities, unless it is told to', async () => {
    put('note', 'grep ^CapEff /proc/self/status >"$OUT/caps"');
    for (const prefix of [[], ['setpriv', '--inh-caps', '-all', '--']]) {
      const refused = start(['--test'], prefix);
      expect(await refused.code).toBe(78);
      expect(refused.log()).toMatch(/error: hooks would have capabilities \(Cap\w+ [0-9a-f]+\): not started/);
    }
    expect(kept('caps')).toBe('');
    const allowed = start(['--test', '--allow-capabilities'], []);
    expect(await allowed.code).toBe(0);
    expect(allowed.log()).toContain('warn: hooks have capabilities');
    expect(kept('caps')).not.toMatch(/0{16}/);
  });
});

describe('postern hooks --test', () => {
  it('runs each hook once without a daemon, and tells how each ended', async () => {
    put('10-good', 'echo "$POSTERN_TYPE $POSTERN_TEXT" >"$OUT/good"');
    put('20-bad', 'echo sorry; exit 22');
    const { code, log } = start(['--test']);
    expect(await code).toBe(1);
    expect(kept('good')).toContain('test This is a test');
    expect(log()).toMatch(/^10-good: done with \S+ in \d+\.\d s$/m);
    expect(log()).toMatch(/^warn: 20-bad: ended with exit code 22 at \S+\nwarn: 20-bad: sorry$/m);
  });

  it('is 0 where all is well, and 1 where there is nothing to run', async () => {
    expect(await start(['--test']).code).toBe(1);
    put('good', 'true');
    expect(await start(['--test']).code).toBe(0);
  });
});

/** A process that ended and was not waited for yet is not alive. */
function isAlive(pid: string): boolean {
  return /^State:\s+[^Z]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
