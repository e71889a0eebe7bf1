import { cpus } from 'node:os';
import { join } from 'node:path';
import type { ActorArgs, ActorName, ActorStats } from './actor-types.ts';
import { compileActors } from './compile-actors.ts';
import type { Holder } from './holder.ts';
import type { HostName } from './home.ts';
import { type Exit, LabProcess } from './lab-process.ts';
import { labFile } from './root.ts';

/** A running actor. All actors end by themselves when the time in their arguments is over. */
export interface ActorProcess<Name extends ActorName> {
  readonly process: LabProcess;
  /** The last statistics it printed; undefined before the first. */
  stats(): ActorStats[Name] | undefined;
  /** Resolves with the final statistics. Rejects if it ended without any. */
  readonly done: Promise<ActorStats[Name]>;
  /** Asks it to end now; resolves with the final statistics. */
  stop(): Promise<ActorStats[Name]>;
}

/**
 * A bot runs on the thing that it infected, and not on the router: all actors keep to one processor, so that they leave
 * the others to the router's programs.
 */
const aside = cpus().length > 1 ? ['taskset', '--cpu-list', '0'] : [];

// Frames made by hand need a program that can open packet sockets, which Node cannot: these are Perl.
const perlActors: ReadonlySet<string> = new Set(['spoof-flood', 'connection-flood']);

/** Starts an actor on a host. */
export async function startActor<Name extends ActorName>(
  holder: Holder,
  host: HostName,
  name: Name,
  args: ActorArgs[Name],
): Promise<ActorProcess<Name>> {
  const process = new LabProcess(holder.enter(host, [...aside, ...(await commandLine(name, args))]));
  const last = (): ActorStats[Name] | undefined => {
    const line = process.lines.at(-1);
    return line === undefined ? undefined : (JSON.parse(line) as ActorStats[Name]);
  };
  const done = process.exited.then((exit: Exit) => {
    const stats = last();
    if (stats?.done) return stats;
    throw new Error(
      `${name} on ${host} ended early (${exit.code ?? exit.signal}): ${process.errors.slice(-5).join(' | ')}`,
    );
  });
  done.catch(() => {});
  return {
    process,
    stats: last,
    done,
    stop: async () => {
      await process.kill('SIGTERM');
      return done;
    },
  };
}

async function commandLine(name: ActorName, args: object): Promise<string[]> {
  if (!perlActors.has(name))
    return [process.execPath, join(await compileActors(), `${name}.mjs`), JSON.stringify(args)];
  const options = Object.entries(args).map(([key, value]) => `${key}=${String(value)}`);
  return ['perl', labFile(`actors/${name}.pl`), ...options];
}
