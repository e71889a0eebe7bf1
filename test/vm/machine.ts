import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { compileActors } from '../lab/compile-actors.ts';
import { LabProcess } from '../lab/lab-process.ts';
import { repositoryRoot } from '../lab/root.ts';
import type { Args, Reply, ScenarioName } from './scenarios.ts';

/** What differs from one boot to the next. */
export interface MachineOptions {
  /** What the battery's clock says at boot, `1970-01-01T00:00:10`; the host's time unless given. */
  readonly clock?: string;
  /** The image behind /dev/vda, and how many requests a second it takes: flash is slow too. */
  readonly disk?: { readonly image: string; readonly requestsPerS: number };
}

/** A running router in a virtual machine. */
export interface Machine {
  /** From power on until its first program ran. */
  readonly bootMs: number;
  readonly isRunning: boolean;
  /** Plays a scenario in it, one at a time. Rejects with what went wrong inside. */
  play<Name extends ScenarioName>(name: Name, ...args: Args<Name>): Promise<Reply<Name>>;
  /** Resolves when a scenario under way reports this. */
  reported(word: string, timeoutMs?: number): Promise<void>;
  /** The power fails: nothing that the machine has not written yet is written any more. */
  cutPower(): Promise<void>;
}

/** A machine that somebody forgot ends by itself. */
const longestS = 600;
const bootTimeoutMs = 60_000;
const scenarioTimeoutMs = 180_000;

/** Boots Debian's kernel on the host's file system and starts the program that plays scenarios. */
export async function bootMachine(options: MachineOptions = {}): Promise<Machine> {
  const startedAtMs = Date.now();
  const [program] = await Promise.all([compilePlayer(), compileActors()]);
  const folder = await mkdtemp(join(tmpdir(), 'postern-vm-'));
  const console = join(folder, 'console.log');
  // `timeout` has the machine as its only child, as LabProcess expects it, and ends it when we are killed.
  const machine = new LabProcess([
    // Its minutes of emulation give way to the tests beside it, which measure milliseconds.
    ...['setpriv', '--pdeathsig', 'TERM', 'nice', '-n', '10'],
    ...['timeout', '--signal=KILL', String(longestS), ...qemu(options)],
    ...['-device', 'virtio-serial-pci', '-device', 'virtserialport,chardev=talk,name=talk'],
    ...['-serial', `file:${console}`, '-chardev', 'stdio,id=talk,signal=off'],
  ]);
  const gone = machine.exited.then(() => rm(folder, { recursive: true, force: true }));
  const fail = async (error: unknown): Promise<never> => {
    const log = await readFile(console, 'latin1').catch(() => '');
    await machine.kill('SIGKILL');
    await machine.exited.catch(() => {});
    throw new Error(`the virtual machine: ${String(error)}\n${log.split('\n').slice(-30).join('\n')}`);
  };
  machine.write(`POSTERN_COMPILED=1 exec node ${program} 2>/dev/console`);
  await machine.waitForLine(/^\{"up"/, bootTimeoutMs).catch(fail);
  return {
    bootMs: Date.now() - startedAtMs,
    get isRunning() {
      return machine.running;
    },
    async play(name, ...args) {
      machine.lines.length = 0;
      machine.write(JSON.stringify({ name, args }));
      const line = await machine.waitForLine(/^\{"(result|error)"/, scenarioTimeoutMs).catch(fail);
      const { result, error } = JSON.parse(line);
      if (error !== undefined) await fail(error);
      return result;
    },
    reported: async (word, timeoutMs = 60_000) =>
      void (await machine.waitForLine(new RegExp(`^\\{"report":"${word}"`), timeoutMs).catch(fail)),
    async cutPower() {
      await machine.kill('SIGKILL');
      await gone;
    },
  };
}

/** The command line of a machine; what it talks through is to be added. */
export function qemu({ clock, disk }: MachineOptions = {}): string[] {
  const folder = join(repositoryRoot, '.cache', 'vm');
  return [
    ...[
      'qemu-system-x86_64',
      '-accel',
      'tcg,tb-size=256',
      '-M',
      'q35',
      '-cpu',
      'max',
      '-m',
      '256',
      '-smp',
      '1',
    ],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-rtc', `base=${clock ?? 'utc'}`],
    ...['-kernel', join(folder, 'vmlinux'), '-initrd', join(folder, 'initramfs.cpio')],
    ...['-append', `console=ttyS0 quiet panic=-1 postern=${repositoryRoot}`],
    ...['-fsdev', 'local,id=host,path=/,security_model=none,readonly=on,multidevs=remap'],
    ...['-device', 'virtio-9p-pci,fsdev=host,mount_tag=host'],
    ...(disk ? ['-drive', drive(disk)] : []),
  ];
}

/** Without a lock: the next machine may boot already, and mounts the disk when this one is dead. */
function drive({ image, requestsPerS }: NonNullable<MachineOptions['disk']>): string {
  const file = `file.driver=file,file.filename=${image},file.locking=off`;
  return `${file},format=raw,if=virtio,throttling.iops-total=${requestsPerS}`;
}

/** Bundles what runs inside; there it would take long. */
async function compilePlayer(): Promise<string> {
  const outfile = join(repositoryRoot, '.cache', 'vm-player.mjs');
  await build({
    entryPoints: [join(repositoryRoot, 'test', 'vm', 'machine-process.ts')],
    ...{ outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20' },
    ...{ packages: 'external', sourcemap: 'inline', logLevel: 'error' },
  });
  return outfile;
}
