// Runs inside a namespace of small-net.ts: takes one JSON request a line, answers with one JSON line each.
import { createSocket } from 'node:dgram';
import { connect, createServer, isIPv6, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

type Request =
  | { id: number; do: 'listen'; ports: number[] }
  | {
      id: number;
      do: 'connect';
      host: string;
      port: number;
      from?: string;
      fromPort?: number;
      keep?: boolean;
      timeoutMs: number;
    }
  | { id: number; do: 'send'; socket: number; bytes: number; timeoutMs: number }
  | { id: number; do: 'datagram'; host: string; port: number; timeoutMs: number }
  | { id: number; do: 'tally' };

const sockets = new Map<number, Socket>();
/** `resets`: ports of the clients whose connections were reset, newest last. */
const tally = { accepted: 0, resets: [] as number[], bytes: 0 };

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
      const { remotePort = 0 } = socket;
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNRESET') tally.resets.push(remotePort);
      });
      socket.on('end', () => socket.end());
    });
    server.on('error', reject);
    server.listen(port, '::', () => resolve());
  });
}

/** `open`, or the error's code, or `timeout`. */
function open(request: Extract<Request, { do: 'connect' }>): Promise<string> {
  const { id, host, port, from, fromPort, keep, timeoutMs } = request;
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      ...(from !== undefined && { localAddress: from }),
      ...(fromPort !== undefined && { localPort: fromPort }),
    });
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
  if (!socket || socket.destroyed) return Promise.resolve('no-socket');
  return new Promise((resolve) => {
    let back = 0;
    const end = (outcome: string) => {
      clearTimeout(timer);
      socket.off('data', onData).off('error', onError).off('close', onClose);
      resolve(outcome);
    };
    const onData = (chunk: Buffer) => {
      back += chunk.length;
      if (back >= request.bytes) end('echoed');
    };
    const onError = (error: NodeJS.ErrnoException) => end(error.code ?? 'error');
    const onClose = () => end('closed');
    const timer = setTimeout(() => end('timeout'), request.timeoutMs);
    socket.on('data', onData).on('error', onError).on('close', onClose);
    socket.write(Buffer.alloc(request.bytes, 'x'));
  });
}

/** The error that the datagram brought back (nobody listens: `ECONNREFUSED`), or `silence`. */
function datagram({ host, port, timeoutMs }: Extract<Request, { do: 'datagram' }>): Promise<string> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    const timer = setTimeout(() => end('silence'), timeoutMs);
    const end = (outcome: string) => {
      clearTimeout(timer);
      socket.close();
      resolve(outcome);
    };
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'error'));
    socket.connect(port, host, () => socket.send('x'));
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
    case 'datagram':
      return datagram(request);
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
