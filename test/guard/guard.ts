import { chmodSync, chownSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DeviceDocument, StatusDocument } from '../../daemon/engine/documents.ts';
import type { Lab } from '../lab/lab.ts';
import type { LabProcess } from '../lab/lab-process.ts';

/** Parts of a configuration beside what the lab says of its networks. */
export interface GuardOptions {
  readonly main?: Readonly<Record<string, unknown>>;
  readonly mqtt?: Readonly<Record<string, unknown>>;
  readonly devices?: readonly Readonly<Record<string, unknown>>[];
  /** Class of a guarded network. */
  readonly classes?: Readonly<Record<string, string>>;
  /** Records the daemon's inputs here. */
  readonly record?: string;
  /** Beside the daemon's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** A folder of its own, for a second guard in one lab. */
  readonly name?: string;
  /** Runs as a user without rights but CAP_NET_ADMIN, as the service does under ujail. */
  readonly isJailed?: boolean;
}

/** A Postern on the lab's router. */
export interface Guard {
  readonly dir: string;
  readonly configPath: string;
  process: LabProcess;
  /** Runs `postern ARGS` against it; rejects when the command fails. */
  cli(...args: string[]): Promise<string>;
  status(): Promise<StatusDocument>;
  device(key: string): Promise<DeviceDocument & { readonly why: readonly string[] }>;
  /** Waits until the device's document fits, and returns it. */
  until(key: string, fits: (device: DeviceDocument) => boolean, timeoutMs?: number): Promise<DeviceDocument>;
  /** Writes another configuration; the daemon reads it on SIGHUP. */
  configure(options: GuardOptions): void;
  /** Starts the daemon again after it ended. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The built daemon, from the repository's folder. */
export const bundle = 'dist/postern.cjs';
/** How Node is started on a router. */
export const flags = [
  '--optimize-for-size',
  '--no-opt',
  '--no-sparkplug',
  '--max-semi-space-size=1',
  '--max-old-space-size=24',
];

/** A user who owns nothing, and what makes of a program one of that user's with CAP_NET_ADMIN in all five sets. */
export const jailedId = 65_531;
export const jailed = [
  ...['setpriv', `--reuid=${jailedId}`, `--regid=${jailedId}`, '--clear-groups', '--no-new-privs'],
  ...['inh-caps', 'ambient-caps', 'bounding-set'].map((set) => `--${set}=-all,+net_admin`),
];

/** The configuration of the lab's home. */
export function labConfig(
  lab: Pick<Lab, 'networks' | 'leasesFile'>,
  dir: string,
  options: GuardOptions,
): unknown {
  return {
    hostname: 'OpenWrt',
    lan_mac: lab.networks[0]?.mac,
    run_dir: join(dir, 'run'),
    lease_files: [lab.leasesFile],
    main: { data_dir: join(dir, 'data'), ...options.main },
    mqtt: options.mqtt ?? {},
    networks: lab.networks.map(({ name, interface: link, role, ip4, ip6 }) => ({
      name,
      role,
      interfaces: [link],
      addresses: [ip4, ip6].map((address) => String(address).split('/')[0]),
      prefixes: [ip4, ip6].map(String),
      ...(options.classes?.[name] === undefined ? {} : { class: options.classes[name] }),
    })),
    devices: options.devices ?? [],
  };
}

/** Starts the built daemon on the lab's router and waits until it guards. */
export async function startGuard(lab: Lab, options: GuardOptions = {}): Promise<Guard> {
  const dir = join(lab.dir, options.name ?? 'postern');
  mkdirSync(join(dir, 'run'), { recursive: true });
  mkdirSync(join(dir, 'data'), { recursive: true });
  const configPath = join(dir, 'config.json');
  const configure = (next: GuardOptions) =>
    writeFileSync(configPath, JSON.stringify(labConfig(lab, dir, next)));
  configure(options);
  const argv = options.isJailed
    ? [...jailed, 'node', ...flags, giveTo(lab, dir)]
    : ['node', ...flags, bundle];
  const launch = () =>
    lab.spawn('router', [...argv, 'run', '--config', configPath], {
      env: { ...options.env, ...(options.record === undefined ? {} : { POSTERN_RECORD: options.record }) },
    });
  const ready = async (process: LabProcess) =>
    void (await process.waitForLine(/guards \d+ networks/, 30_000));
  const socket = ['--socket', join(dir, 'run', 'postern.sock')];
  const cli = (...args: string[]) => lab.run('router', ['node', bundle, ...args, ...socket]);
  const guard: Guard = {
    dir,
    configPath,
    process: launch(),
    cli,
    status: async () => JSON.parse(await cli('status', '--json')) as StatusDocument,
    device: async (key) => JSON.parse(await cli('device', key, '--why', '--json')),
    until: (key, fits, timeoutMs = 10_000) => until(guard, key, fits, timeoutMs),
    configure,
    async restart() {
      guard.process = launch();
      await ready(guard.process);
    },
    async stop() {
      await guard.process.stop(5000);
    },
  };
  await ready(guard.process);
  return guard;
}

/** Lets the jailed user have the daemon's folder, with a bundle in it that it may read wherever the repository is. */
function giveTo(lab: Lab, dir: string): string {
  chmodSync(lab.dir, 0o711);
  cpSync(dirname(bundle), join(dir, 'dist'), { recursive: true });
  for (const own of ['run', 'data']) chownSync(join(dir, own), jailedId, jailedId);
  return join(dir, bundle);
}

async function until(
  guard: Guard,
  key: string,
  fits: (device: DeviceDocument) => boolean,
  timeoutMs: number,
): Promise<DeviceDocument> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const device = await guard.device(key).catch(() => undefined);
    if (device && fits(device)) return device;
    if (Date.now() > end)
      throw new Error(`waited ${timeoutMs} ms for ${key}; it is ${JSON.stringify(device)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
