import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryRoot } from '../lab/root.ts';
import { end, freePort } from '../system/mosquitto.ts';

/** Three brokers on loopback, each of which has all retained messages and sessions. */
export interface Cluster {
  /** Where each listens for MQTT. */
  readonly ports: readonly number[];
  /** Without a word to anybody, as by a cut of its power. */
  kill(index: number): Promise<void>;
  restart(index: number): Promise<void>;
  /** Ends all and removes their files. */
  stop(): Promise<void>;
}

const size = 3;
/** The brokers elect among themselves, which took five seconds where it was tried. */
const electionMs = 30_000;

/** Installs Debian's nats-server where it is missing, as it is only needed here. */
export function requireNats(): void {
  const argv = ['test/setup.sh', '--packages-only', 'nats-server'];
  if (spawnSync('sh', argv, { cwd: repositoryRoot, stdio: 'inherit' }).status !== 0)
    throw new Error('the bench needs nats-server');
}

/** Starts a cluster with JetStream, where MQTT's retained messages and sessions are, in a folder of its own. */
export async function startCluster(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-fleet-'));
  const ports: number[] = [];
  // One after the other would be the same port again.
  for (const port of await Promise.all(Array.from({ length: 4 * size }, freePort))) ports.push(port);
  const [mqtt, clients, routes, monitors] = [0, 1, 2, 3].map((n) => ports.slice(n * size, (n + 1) * size));
  const of = (list: readonly number[] | undefined, index: number) => list?.[index] ?? 0;
  const servers: (ChildProcess | undefined)[] = [];
  for (let index = 0; index < size; index++) {
    writeFileSync(
      join(folder, `${index}.conf`),
      `server_name: "broker-${index}"
listen: "127.0.0.1:${of(clients, index)}"
http: "127.0.0.1:${of(monitors, index)}"
jetstream { store_dir: "${folder}/store-${index}", max_mem: 256M, max_file: 2G }
cluster {
  name: "fleet", listen: "127.0.0.1:${of(routes, index)}"
  routes: [ ${(routes ?? []).map((port) => `"nats-route://127.0.0.1:${port}"`).join(', ')} ]
}
mqtt { listen: "127.0.0.1:${of(mqtt, index)}" }
`,
    );
  }
  const run = (index: number) => {
    const args = ['-c', join(folder, `${index}.conf`), '-l', join(folder, `${index}.log`)];
    const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
    servers[index] = spawn('nats-server', args, { stdio: 'ignore', env });
  };
  const cluster: Cluster = {
    ports: mqtt ?? [],
    kill: (index) => end(servers[index], 'SIGKILL'),
    async restart(index) {
      run(index);
      await isHealthy(of(monitors, index));
    },
    async stop() {
      for (const server of servers) await end(server, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    for (let index = 0; index < size; index++) run(index);
    for (let index = 0; index < size; index++) await isHealthy(of(monitors, index));
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** Waits until the broker has all that it should have, by its own word. */
async function isHealthy(monitor: number): Promise<void> {
  for (const endMs = performance.now() + electionMs; performance.now() < endMs; ) {
    const answer = await fetch(`http://127.0.0.1:${monitor}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error(`a broker was not ready within ${electionMs / 1000} s`);
}
