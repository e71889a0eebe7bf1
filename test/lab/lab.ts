import { type ActorProcess, startActor } from './actor.ts';
import type { ActorArgs, ActorName } from './actor-types.ts';
import { type Addresses, addresses, names } from './addresses.ts';
import { type Broker, makeBroker } from './broker.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import { compileActors } from './compile-actors.ts';
import { startHolder } from './holder.ts';
import { bareAddress, devices, type HostName, networks } from './home.ts';
import { LabProcess, type SpawnOptions } from './lab-process.ts';
import { leaseAddresses, leasesPath } from './leases.ts';
import { labObstacle } from './obstacle.ts';
import { labFile } from './root.ts';
import { type ExecOptions, execIn, mustRun, type Result } from './run.ts';
import { type Sink, startSink } from './sink.ts';
import { wireHome } from './wire.ts';

/** Options of a lab. */
export interface LabOptions {
  /** The delay of the internet's mail sinks before each reply; 20 ms unless given. */
  readonly delayMs?: number;
}

/** A whole home, its router and an internet, in namespaces of its own. */
export interface Lab {
  /** A folder for configuration, sockets and logs, under the same path inside and outside; gone after stop. */
  readonly dir: string;
  readonly devices: typeof devices;
  readonly networks: typeof networks;
  readonly addresses: Addresses;
  readonly names: typeof names;
  readonly leasesFile: string;
  readonly certificate: Certificate;
  /** The mail and web servers of the internet, on every address of it. */
  readonly sink: Sink;
  readonly broker: Broker;
  /** Process 1 of the lab, as the host numbers it. */
  readonly hostPid: number;
  /** The argument list that runs a command in a host, for `nsenter` by hand. */
  enter(host: HostName, argv: readonly string[]): string[];
  /** Runs a command to its end. A failure of the command is a result, not a rejection. */
  exec(host: HostName, argv: readonly string[], options?: ExecOptions): Promise<Result>;
  /** Like exec, but rejects when the command fails; returns its standard output. */
  run(host: HostName, argv: readonly string[], options?: ExecOptions): Promise<string>;
  /** Starts a long-running command. */
  spawn(host: HostName, argv: readonly string[], options?: SpawnOptions): LabProcess;
  /** Starts an actor on a host; it ends by itself. */
  actor<Name extends ActorName>(
    host: HostName,
    name: Name,
    args: ActorArgs[Name],
  ): Promise<ActorProcess<Name>>;
  /** Starts a plain mail sink on a host of the home (port 25 unless given). */
  startSink(host: HostName, mailPorts?: readonly number[]): Promise<Sink>;
  /** Runs nft on the router; returns its standard output. */
  nft(...argv: string[]): Promise<string>;
  /** Empties the router's conntrack table. */
  clearConntrack(): Promise<void>;
  /** Ends every process of the lab and removes all of it. May be called twice. */
  stop(): Promise<void>;
}

/** Makes a home, in about half a second. Rejects with a clear sentence where the machine cannot. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const obstacle = labObstacle();
  if (obstacle !== undefined) throw new Error(obstacle);
  const compiling = compileActors();
  compiling.catch(() => {});
  const holder = await startHolder(bareAddress(networks[0]?.ip4 ?? ''));
  try {
    const [certificate] = await Promise.all([makeCertificate(holder), wireHome(holder), compiling]);
    const sinkArgs = { ...certificate, delayMs: options.delayMs ?? 20 };
    const [sink] = await Promise.all([
      startSink(holder, 'internet', { ...sinkArgs, mailPorts: [25, 465, 587, 2525], webPort: 80 }),
      mustRun(holder, 'router', ['nft', '-f', labFile('fw4.nft')]),
      leaseAddresses(holder),
    ]);
    return {
      ...{ dir: holder.dir, hostPid: holder.hostPid, leasesFile: leasesPath(holder), certificate, sink },
      ...{ devices, networks, addresses, names, broker: makeBroker(holder, certificate) },
      enter: (host, argv) => holder.enter(host, argv),
      exec: (host, argv, execOptions) => execIn(holder, host, argv, execOptions),
      run: (host, argv, execOptions) => mustRun(holder, host, argv, execOptions),
      spawn: (host, argv, spawnOptions) =>
        new LabProcess(holder.enter(host, argv, spawnOptions?.cwd), spawnOptions),
      actor: (host, name, args) => startActor(holder, host, name, args),
      startSink: (host, mailPorts = [25]) => startSink(holder, host, { ...sinkArgs, delayMs: 0, mailPorts }),
      nft: (...argv) => mustRun(holder, 'router', ['nft', ...argv]),
      clearConntrack: async () => void (await mustRun(holder, 'router', ['conntrack', '-F'])),
      stop: () => holder.release(),
    };
  } catch (error) {
    await holder.release();
    throw error;
  }
}
