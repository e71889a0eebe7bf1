import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const path = `${process.env['PATH'] ?? ''}:/usr/sbin`;

/** A mosquitto on a loopback port of its own, which can be stopped and started again with another configuration. */
export interface Mosquitto {
  readonly port: number;
  readonly folder: string;
  /** Lines of mosquitto.conf; by default everybody may do everything. */
  readonly start: (lines?: readonly string[]) => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Stops it and removes its files. */
  readonly remove: () => Promise<void>;
}

/** A port of loopback that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** A broker that is not started yet. */
export async function createMosquitto(): Promise<Mosquitto> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'postern-mqtt-'));
  chmodSync(folder, 0o755);
  let server: ChildProcess | undefined;
  const stop = () => end(server, 'SIGTERM');
  return {
    port,
    folder,
    async start(lines = ['allow_anonymous true']) {
      const file = join(folder, 'mosquitto.conf');
      writeFileSync(file, [`listener ${port} 127.0.0.1`, 'persistence false', ...lines, ''].join('\n'));
      server = spawn('mosquitto', ['-c', file], { stdio: 'ignore', env: { ...process.env, PATH: path } });
      await until(() => answers(port));
    },
    stop,
    async remove() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Ends a child that we started and waits until it is gone. */
export function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

/** What a subscriber of `postern/#` sees, as `retained-flag topic payload`, oldest first. */
export interface Listener {
  readonly seen: readonly string[];
  readonly stop: () => Promise<void>;
}

/** Subscribes with mosquitto's own client; `args` are added (login, TLS). */
export async function listen(port: number, args: readonly string[] = []): Promise<Listener> {
  const seen: string[] = [];
  const where = ['-h', '127.0.0.1', '-p', String(port), '-q', '1', '-t', 'postern/#'];
  const child = spawn('stdbuf', ['-oL', 'mosquitto_sub', '-d', ...where, '-F', '= %r %t %p', ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let subscribed = false;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('= ')) seen.push(line.slice(2));
    subscribed ||= line.startsWith('Subscribed');
  });
  await until(() => subscribed);
  return { seen, stop: () => end(child, 'SIGTERM') };
}

/** Waits until it is so, for at most ten seconds. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited in vain: ${isSo.toString()}`);
}

/** Makes a certificate authority and a certificate for 127.0.0.1 signed by it: `NAME-ca.pem`, `NAME.pem`, `NAME.key`. */
export function makeCertificates(folder: string, name: string): { ca: string; cert: string; key: string } {
  const file = (end_: string) => join(folder, `${name}${end_}`);
  const run = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  run(
    'req',
    '-x509',
    ...newKey,
    '-subj',
    `/CN=${name} CA`,
    '-days',
    '2',
    '-keyout',
    file('-ca.key'),
    '-out',
    file('-ca.pem'),
  );
  run('req', ...newKey, '-subj', '/CN=127.0.0.1', '-keyout', file('.key'), '-out', file('.csr'));
  writeFileSync(file('.ext'), 'subjectAltName=IP:127.0.0.1,DNS:broker.home\n');
  const signing = [
    '-CA',
    file('-ca.pem'),
    '-CAkey',
    file('-ca.key'),
    '-CAcreateserial',
    '-extfile',
    file('.ext'),
  ];
  run('x509', '-req', '-in', file('.csr'), ...signing, '-days', '2', '-out', file('.pem'));
  chmodSync(file('.key'), 0o644);
  return { ca: file('-ca.pem'), cert: file('.pem'), key: file('.key') };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(port, '127.0.0.1');
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}
