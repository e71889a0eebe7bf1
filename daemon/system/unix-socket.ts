import { chmodSync, mkdirSync, statSync, unlinkSync } from 'node:fs';
import net from 'node:net';
import { dirname } from 'node:path';
import {
  type ControlConnection,
  createConnection,
  idleMs,
  maxClients,
  type RequestHandler,
  tooManyClients,
} from '../control/connection.ts';
import type { Feed } from '../control/feed.ts';
import { createFollower } from '../control/follower.ts';

/** A listening control socket. */
export interface ControlServer {
  /** Closes every client and removes the socket. */
  readonly close: () => Promise<void>;
}

/** How listening went: `in use` means that another daemon answers there, and this one must not start. */
export type ServeResult =
  | { readonly kind: 'serving'; readonly server: ControlServer }
  | { readonly kind: 'in use' }
  | { readonly kind: 'failed'; readonly error: string };

/** Whether the path may be listened on, after a socket that nobody serves was removed. */
export type Claim = 'free' | 'in use' | 'unusable';

export interface ServeOptions {
  readonly path: string;
  /** Who answers requests, or the feed that clients may follow and no more. */
  readonly serve: RequestHandler | Feed;
  /** For tests: idle limit other than {@link idleMs}. */
  readonly idleMs?: number;
}

/**
 * Looks whether another daemon serves this path, and removes a socket that a killed one left. Only what was looked
 * at is removed: a socket that was made anew meanwhile has another inode.
 */
export async function claimSocket(path: string): Promise<Claim> {
  const inode = socketInode(path);
  if (inode === 'nothing') return 'free';
  if (inode === 'other') return 'unusable';
  if (await isServed(path)) return 'in use';
  if (socketInode(path) !== inode) return 'in use';
  try {
    unlinkSync(path);
    return 'free';
  } catch {
    return 'unusable';
  }
}

/** Bytes that a client may leave unread, beside what the kernel holds: eight answers, and more than the feed keeps. */
const maxUnreadBytes = 512 * 1024;

/** Listens with mode 0660. Never rejects. */
export async function serveControl(options: ServeOptions): Promise<ServeResult> {
  const { path } = options;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  } catch (error) {
    return { kind: 'failed', error: String(error) };
  }
  const claim = await claimSocket(path);
  if (claim === 'in use') return { kind: 'in use' };
  if (claim === 'unusable') return { kind: 'failed', error: `${path} is in the way and cannot be removed` };
  /** Bound: maxClients. */
  const clients = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: typeof options.serve === 'function' }, (socket) =>
    admit(socket, clients, options),
  );
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'EADDRINUSE' ? { kind: 'in use' } : { kind: 'failed', error: error.message });
    });
    server.listen(path, () => {
      try {
        chmodSync(path, 0o660);
      } catch (error) {
        server.close();
        resolve({ kind: 'failed', error: String(error) });
        return;
      }
      server.on('error', () => {});
      resolve({ kind: 'serving', server: { close: () => close(server, clients) } });
    });
  });
}

function admit(socket: net.Socket, clients: Set<net.Socket>, options: ServeOptions): void {
  // A client that goes away is no error of ours.
  socket.on('error', () => socket.destroy());
  if (clients.size >= maxClients) {
    socket.resume();
    socket.end(tooManyClients);
    socket.setTimeout(1000, () => socket.destroy());
    return;
  }
  clients.add(socket);
  const { serve } = options;
  const write = (line: string) => {
    if (socket.writable) socket.write(line);
    if (socket.writableLength > maxUnreadBytes) socket.destroy();
    if (ended && connection.waiting() === 0) socket.end();
  };
  const connection =
    typeof serve === 'function'
      ? createConnection({ write, end: () => socket.end() }, serve)
      : createFollower({ write, end: () => socket.destroySoon() }, serve);
  let ended = false;
  socket.on('data', (chunk: Buffer) => connection.receive(chunk));
  // `printf '...' | nc -U` closes its half first and still wants the answer.
  socket.on('end', () => {
    ended = true;
    if (connection.waiting() === 0) socket.end();
  });
  socket.setTimeout(options.idleMs ?? idleMs);
  // Not as setTimeout's callback, which would be called once only.
  socket.on('timeout', () => leaveIdle(socket, connection));
  socket.on('close', () => {
    clients.delete(socket);
    connection.closed();
  });
}

/** A client that neither asks nor reads has no claim to its place; one that waits for an answer has. */
function leaveIdle(socket: net.Socket, connection: ControlConnection): void {
  if (connection.waiting() === 0 || socket.writableLength > 0) socket.destroy();
}

function close(server: net.Server, clients: ReadonlySet<net.Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of clients) {
      socket.end();
      socket.setTimeout(500, () => socket.destroy());
    }
  });
}

function socketInode(path: string): bigint | 'nothing' | 'other' {
  try {
    const stat = statSync(path, { bigint: true });
    return stat.isSocket() ? stat.ino : 'other';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'nothing' : 'other';
  }
}

/** Whether somebody accepts on the socket. One that is slow to accept counts as alive. */
function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(path);
    const end = (served: boolean) => {
      probe.destroy();
      resolve(served);
    };
    probe.once('connect', () => end(true));
    probe.once('error', (error: NodeJS.ErrnoException) =>
      end(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    );
    probe.setTimeout(1000, () => end(true));
  });
}
