import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RequestHandler } from '../../daemon/control/connection.ts';
import { createFeed, type Feed } from '../../daemon/control/feed.ts';
import { askControl } from '../../daemon/system/control-client.ts';
import { type ControlServer, claimSocket, serveControl } from '../../daemon/system/unix-socket.ts';

let folder: string;
let path: string;
let leftovers: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-socket-'));
  path = join(folder, 'postern.sock');
  leftovers = [];
});
afterEach(async () => {
  for (const clean of leftovers) await clean();
  rmSync(folder, { recursive: true });
});

const answerAll: RequestHandler = (request, reply) => reply({ ok: true, data: request.do });

async function serve(handle: RequestHandler | Feed = answerAll, idleMs?: number): Promise<ControlServer> {
  const result = await serveControl({ path, serve: handle, ...(idleMs !== undefined && { idleMs }) });
  if (result.kind !== 'serving') throw new Error(result.kind);
  leftovers.push(() => result.server.close());
  return result.server;
}

/** A client that holds its connection; `text` is what it was told, `closed` when it was let go. */
function connect(): { socket: net.Socket; text: () => string; closed: Promise<void> } {
  let text = '';
  const socket = net.connect(path);
  leftovers.push(() => socket.destroy());
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  socket.on('error', () => {});
  return {
    socket,
    text: () => text,
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
  };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !isSo(); tries++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isSo()).toBe(true);
}

const ask = (verb: 'status' | 'test' = 'status') => askControl(path, { id: 1, do: verb, args: {} }, 2000);
const line = '{"v":1,"id":7,"do":"status"}\n';

describe('control socket', () => {
  it('answers, is open to owner and group only, and is gone after closing', async () => {
    const server = await serve();
    expect(statSync(path).mode & 0o777).toBe(0o660);
    expect(await ask()).toEqual({ kind: 'answer', answer: { ok: true, data: 'status' } });
    await server.close();
    expect(existsSync(path)).toBe(false);
    expect(await ask()).toMatchObject({ kind: 'not running' });
  });

  it('refuses a second daemon, and leaves the first alone', async () => {
    await serve();
    expect(await claimSocket(path)).toBe('in use');
    expect(await serveControl({ path, serve: answerAll })).toEqual({ kind: 'in use' });
    expect(await ask()).toMatchObject({ kind: 'answer' });
  });

  it('takes the place of a daemon that was killed', async () => {
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    expect(existsSync(path)).toBe(true);
    await serve();
    expect(await ask()).toMatchObject({ kind: 'answer' });
  });

  it('lets one of two daemons win that start together', async () => {
    const results = await Promise.all([1, 2].map(() => serveControl({ path, serve: answerAll })));
    for (const result of results) if (result.kind === 'serving') leftovers.push(() => result.server.close());
    expect(results.map(({ kind }) => kind).sort()).toEqual(['in use', 'serving']);
  });

  it('removes nothing that is no socket, and tells a folder that cannot be', async () => {
    writeFileSync(path, 'precious');
    expect(await claimSocket(path)).toBe('unusable');
    expect(await serveControl({ path, serve: answerAll })).toMatchObject({ kind: 'failed' });
    expect(await serveControl({ path: join(path, 'x', 'p.sock'), serve: answerAll })).toMatchObject({
      kind: 'failed',
    });
  });

  it('tells the ninth client why, and serves the next when one has left', async () => {
    await serve();
    const clients = Array.from({ length: 8 }, connect);
    for (const client of clients) client.socket.write(line);
    await until(() => clients.every((client) => client.text().includes('"ok":true')));
    expect(await ask()).toMatchObject({ kind: 'answer', answer: { ok: false, error: { code: 'too_many' } } });
    clients[0]?.socket.end();
    await clients[0]?.closed;
    expect(await ask()).toMatchObject({ kind: 'answer', answer: { ok: true } });
  });

  it('lets go of a client that says nothing, and keeps one that waits for its answer', async () => {
    const replies: (() => void)[] = [];
    await serve((_request, reply) => void replies.push(() => reply({ ok: true, data: 'late' })), 100);
    const silent = connect();
    const patient = connect();
    patient.socket.write(line);
    await silent.closed;
    await new Promise((resolve) => setTimeout(resolve, 200));
    replies[0]?.();
    await until(() => patient.text().includes('late'));
    await patient.closed;
  });

  it('answers a client that closed its own half', async () => {
    const replies: (() => void)[] = [];
    await serve((_request, reply) => void replies.push(() => reply({ ok: true, data: 'late' })));
    const client = connect();
    client.socket.end(line);
    await until(() => replies.length === 1);
    replies[0]?.();
    await client.closed;
    expect(client.text()).toBe('{"id":7,"ok":true,"data":"late"}\n');
  });

  it('survives clients that send rubbish, too much, or leave in the middle', async () => {
    await serve();
    const rubbish = connect();
    rubbish.socket.write('\u0000\u00ff{]\n');
    await until(() => rubbish.text().includes('bad_request'));
    const endless = connect();
    endless.socket.write('x'.repeat(200_000));
    await endless.closed;
    expect(endless.text()).toContain('longer than 64 KB');
    const hasty = connect();
    hasty.socket.write(line, () => hasty.socket.destroy());
    await hasty.closed;
    expect(await ask()).toMatchObject({ kind: 'answer' });
  });

  it('closes its clients when it closes', async () => {
    const server = await serve();
    const client = connect();
    client.socket.write(line);
    await until(() => client.text() !== '');
    await server.close();
    await client.closed;
  });
});

describe('socket for events', () => {
  const follow = '{"v":1,"id":1,"do":"follow"}\n';
  const follower = async () => {
    const client = connect();
    client.socket.write(follow);
    await until(() => client.text().includes('"ok":true'));
    return client;
  };

  it('gives events to two at most, and to the next when one has gone', async () => {
    const feed = createFeed();
    await serve(feed);
    const [first, second] = [await follower(), await follower()];
    const third = connect();
    third.socket.write(follow);
    await third.closed;
    expect(third.text()).toContain('Two programs follow already');
    feed.publish({ id: 'e1' });
    await until(() => [first, second].every((client) => client.text().endsWith('{"id":"e1"}\n')));
    first.socket.end();
    await first.closed;
    await follower();
  });

  it('answers nothing else, and lets go of who asks or talks', async () => {
    await serve(createFeed());
    const curious = connect();
    curious.socket.write(line);
    await curious.closed;
    expect(curious.text()).toContain('"code":"not_allowed"');
    const talking = await follower();
    talking.socket.write(follow);
    await talking.closed;
  });

  it('lets go of a follower that does not read, and keeps the other', async () => {
    const feed = createFeed();
    await serve(feed);
    const stalled = await follower();
    const reading = await follower();
    stalled.socket.pause();
    const gone = new Promise((resolve) => stalled.socket.once('end', resolve));
    const big = 'x'.repeat(3000);
    for (let number = 0; number < 400; number++) {
      feed.publish({ id: `e${number}`, big } as { id: string });
      await new Promise((resolve) => setImmediate(resolve));
    }
    // Both places are free but one: the stalled one lost its own while it still holds its end of the connection.
    const next = await follower();
    feed.publish({ id: 'last' });
    await until(() => [reading, next].every((client) => client.text().endsWith('{"id":"last"}\n')));
    stalled.socket.resume();
    await gone;
    expect(stalled.text()).not.toContain('"last"');
  });
});

describe('askControl', () => {
  it('tells a daemon that does not answer, and one that answers nonsense', async () => {
    await serve(() => {});
    expect(await askControl(path, { id: 1, do: 'status', args: {} }, 100)).toEqual({
      kind: 'failed',
      detail: 'no answer in 0.1 s',
    });
    const nonsense = join(folder, 'nonsense.sock');
    const server = net.createServer((socket) => void socket.end('hello\n')).listen(nonsense);
    leftovers.push(() => server.close());
    await until(() => existsSync(nonsense));
    expect(await askControl(nonsense, { id: 1, do: 'status', args: {} }, 1000)).toEqual({
      kind: 'failed',
      detail: 'the answer could not be read',
    });
  });
});
