import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFeed, type Feed, keptEvents } from '../../daemon/control/feed.ts';
import { followEvents } from '../../daemon/system/follow-events.ts';
import { type ControlServer, serveControl } from '../../daemon/system/unix-socket.ts';

let folder: string;
let path: string;
let leftovers: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-events-'));
  path = join(folder, 'events', 'postern.sock');
  leftovers = [];
});
afterEach(async () => {
  for (const clean of leftovers.reverse()) await clean();
  rmSync(folder, { recursive: true });
});

async function serve(feed: Feed): Promise<ControlServer> {
  const result = await serveControl({ path, serve: feed, idleMs: 100 });
  if (result.kind !== 'serving') throw new Error(result.kind);
  leftovers.push(() => result.server.close());
  return result.server;
}

/** Follows; what it is told is `log`, in order. */
function follow(): { readonly log: string[]; readonly stop: () => void } {
  const log: string[] = [];
  const { stop } = followEvents(path, {
    event: ({ id }) => void log.push(id),
    following: (complete) => void log.push(complete ? 'following' : 'following, some are missing'),
    trouble: (reason) => void log.push(`trouble: ${reason}`),
  });
  leftovers.push(stop);
  return { log, stop };
}

const publish = (feed: Feed, ...numbers: readonly number[]) => {
  for (const number of numbers) feed.publish({ id: `e${number}`, type: 'test' } as { id: string });
};
const poll = (log: readonly string[]) => expect.poll(() => log, { timeout: 10_000 });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('following', () => {
  it('gives what comes from now on, however long nothing came', async () => {
    const feed = createFeed();
    publish(feed, 1);
    await serve(feed);
    const { log } = follow();
    await poll(log).toEqual(['following']);
    await pause(300); // three times what a silent client has
    publish(feed, 2, 3);
    await poll(log).toEqual(['following', 'e2', 'e3']);
  });

  it('goes on where it was after a broken connection', async () => {
    const feed = createFeed();
    publish(feed, 1);
    const server = await serve(feed);
    const { log } = follow();
    await poll(log).toEqual(['following']);
    publish(feed, 2);
    await poll(log).toEqual(['following', 'e2']);
    await server.close();
    publish(feed, 3);
    await serve(feed);
    publish(feed, 4);
    await poll(log).toContain('e4');
    expect(log.slice(2)).toEqual(['trouble: the daemon closed the connection', 'following', 'e3', 'e4']);
  });

  it('misses nothing where it had heard nothing yet', async () => {
    const feed = createFeed();
    publish(feed, 1);
    const server = await serve(feed);
    const { log } = follow();
    await poll(log).toEqual(['following']);
    await server.close();
    publish(feed, 2);
    await serve(feed);
    await poll(log).toContain('e2');
    expect(log).not.toContain('e1');
  });

  it('gives all of a daemon that starts anew, or later than we', async () => {
    const { log } = follow();
    await poll(log).toEqual([`trouble: nobody listens on ${path}`]);
    const first = createFeed();
    publish(first, 1);
    const server = await serve(first);
    await poll(log).toEqual([`trouble: nobody listens on ${path}`, 'following', 'e1']);
    await server.close();
    const second = createFeed();
    publish(second, 11, 12);
    await serve(second);
    await poll(log).toContain('e12');
    expect(log.slice(3)).toEqual(['trouble: the daemon closed the connection', 'following', 'e11', 'e12']);
  });

  it('says where more came meanwhile than is kept', async () => {
    const feed = createFeed();
    publish(feed, 0);
    const server = await serve(feed);
    const { log } = follow();
    await poll(log).toEqual(['following']);
    await server.close();
    publish(feed, ...Array.from({ length: keptEvents + 1 }, (_, index) => index + 1));
    await serve(feed);
    await poll(log).toContain(`e${keptEvents + 1}`);
    expect(log.slice(2, 4)).toEqual(['following, some are missing', 'e2']);
  });

  it('tells why it may not, and leaves its place when it stops', async () => {
    const feed = createFeed();
    const others = [1, 2].map(() => feed.follow(() => undefined, undefined));
    await serve(feed);
    const { log, stop } = follow();
    await poll(log).toEqual(['trouble: Two programs follow already']);
    for (const other of others) other?.leave();
    await poll(log).toEqual(['trouble: Two programs follow already', 'following']);
    stop();
    const hasRoom = () => feed.follow(() => undefined, undefined) !== undefined;
    await expect.poll(hasRoom).toBe(true);
    await expect.poll(hasRoom).toBe(true);
  });

  it('survives a daemon that talks nonsense', async () => {
    const nonsense = [
      'hello\n',
      `${'x'.repeat(70_000)}\n`,
      '{"id":1,"ok":true,"data":{}}\nrubbish\n{"id":"e1","type":"t"}\n',
    ];
    let served = 0;
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(nonsense[served++ % 3] ?? '');
    });
    path = join(folder, 'nonsense.sock');
    await new Promise<void>((resolve) => void server.listen(path, resolve));
    leftovers.push(() => server.close());
    const { log } = follow();
    await expect
      .poll(() => log.slice(0, 3), { timeout: 10_000 })
      .toEqual(['trouble: the answer could not be read', 'following', 'e1']);
  });
});
