// Runs inside a namespace of small-net.ts: takes one JSON request a line, answers with one JSON line each.
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

type Request =
  | { id: number; do: 'listen'; ports: number[] }
  | { id: number; do: 'connect'; host: string; port: number; from?: string; keep?: boolean; timeoutMs: number }
  | { id: number; do: 'send'; socket: number; bytes: number; timeoutMs: number }
  | { id: number; do: 'tally' };

const sockets = new Map<number, Socket>();
const tally = { accepted: 0, resets: 0, bytes: 0 };

function answer(id: number, value: unknown): void {
  process.stdout.write(`${JSON.stringify({ id, value })}\n`);
}

/** Echoes everything, so that the other side learns what got through. */
function listen(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      tally.accepted++;
      socket.on('data', (chunk) => {
        tally.bytes += chunk.length;
        socket.write(chunk);
      });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNRESET') tally.resets++;
      });
      socket.on('end', () => socket.end());
    });
    server.on('error', reject);
    server.listen(port, '::', () => resolve());
  });
}

/** `open`, or the error's code, or `timeout`. */
function open(request: Extract<Request, { do: 'connect' }>): Promise<string> {
  const { id, host, port, from, keep, timeoutMs } = request;
  return new Promise((resolve) => {
    const socket = connect({ host, port, ...(from !== undefined && { localAddress: from }) });
    const end = (outcome: string) => {
      clearTimeout(timer);
      if (outcome === 'open' && keep) sockets.set(id, socket);
      else socket.resetAndDestroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => end('timeout'), timeoutMs);
    socket.once('connect', () => end('open'));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'error'));
  });
}

/** `echoed` once all bytes came back, or the error's code, or `timeout`. */
function send(request: Extract<Request, { do: 'send' }>): Promise<string> {
  const socket = sockets.get(request.socket);
  if (!socket) return Promise.resolve('no-socket');
  return new Promise((resolve) => {
    let back = 0;
    const end = (outcome: string) => {
      clearTimeout(timer);
      socket.removeAllListeners('data');
      resolve(outcome);
    };
    const timer = setTimeout(() => end('timeout'), request.timeoutMs);
    socket.on('data', (chunk) => {
      back += chunk.length;
      if (back >= request.bytes) end('echoed');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'error'));
    socket.once('close', () => end('closed'));
    socket.write(Buffer.alloc(request.bytes, 'x'));
  });
}

async function perform(request: Request): Promise<unknown> {
  switch (request.do) {
    case 'listen':
      await Promise.all(request.ports.map(listen));
      return 'listening';
    case 'connect':
      return open(request);
    case 'send':
      return send(request);
    case 'tally':
      return tally;
  }
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const request = JSON.parse(line) as Request;
    perform(request).then(
      (value) => answer(request.id, value),
      (error: unknown) => answer(request.id, String(error)),
    );
  })
  .on('close', () => process.exit(0));
answer(0, 'ready');
