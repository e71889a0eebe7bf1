import { watch } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../../guard/ask.ts';
import { bundle, flags, labConfig } from '../../guard/guard.ts';
import { bansIn } from '../../guard/kernel-bans.ts';
import { type DeviceName, devices, networks } from '../../lab/home.ts';
import { LabProcess } from '../../lab/lab-process.ts';
import { repositoryRoot } from '../../lab/root.ts';
import { report } from './report.ts';

/** Where the disk is mounted: what a router keeps on flash. */
export const dataDir = '/data';
const dir = '/run/first-minute';
let daemon: LabProcess | undefined;

/** Runs a program to its end; rejects with its words. */
async function run(...argv: string[]): Promise<string> {
  const process = new LabProcess(argv);
  const { code } = await process.exited;
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${process.errors.join(' | ')}`);
  return process.lines.join('\n');
}

/** Mounts the disk, as the journal left it: a router checks no file system at boot. */
export async function mountData(): Promise<void> {
  // Not before: an earlier machine may have had the disk until now.
  await run('modprobe', '-a', 'virtio_blk', 'ext4');
  await mkdir(dataDir, { recursive: true });
  await run('mount', '-t', 'ext4', '/dev/vda', dataDir);
}

/** The first minute after a boot in the service's order: the saved table, then the daemon. Returns who is held when. */
export async function firstMinute() {
  await mountData();
  const files = await readdir(dataDir);
  const isNew = !files.includes('guard.nft');
  if (!isNew) await run('nft', '-f', `${dataDir}/guard.nft`);
  const held = isNew ? {} : await bansHere();
  await mkdir(`${dir}/run`, { recursive: true });
  const home = { networks, leasesFile: `${dir}/leases` };
  const config = labConfig(home, dir, { main: { data_dir: dataDir } });
  await writeFile(`${dir}/config.json`, JSON.stringify(config));
  const program = `${repositoryRoot}/${bundle}`;
  // `timeout` has the daemon as its only child, as LabProcess expects it.
  const argv = ['node', ...flags, program, 'run', '--config', `${dir}/config.json`];
  const started = new LabProcess(['timeout', '600', ...argv]);
  daemon = started;
  await started.waitForLine(/guards \d+ networks/, 60_000);
  const { degraded } = await ask({ dir }, 'status');
  return {
    ...{ files, log: started.errors },
    heldBefore: Object.keys(held),
    held: Object.keys(await bansHere()),
    degraded: degraded.map(({ code }) => code),
  };
}

/** Blocks a device for six hours, and waits until that is saved or, reporting that it is being `writing`, for the power to fail. */
export async function block(name: DeviceName, isSaved: boolean): Promise<void> {
  const { mac } = devices[name];
  const watcher = watch(dataDir, (_, file) => {
    if (file === 'guard.nft.new') report('writing');
  });
  await ask({ dir }, 'block', { device: mac, for: '6h' });
  // The state is written last. The script names all devices, for their budgets.
  const inScript = new RegExp(`element inet postern blocked_mac \\{[^}]*${mac}`);
  const isWritten = async () =>
    inScript.test(await saved('guard.nft')) && (await saved('state.json')).includes(mac.replaceAll(':', ''));
  for (let tries = 0; isSaved && !(await isWritten()); tries++) {
    if (tries === 200) throw new Error(`the ban of ${name} was not saved within 20 s`);
    await sleep(100);
  }
  // Where the power is to fail meanwhile, there is time for it.
  if (!isSaved) await sleep(60_000);
  watcher.close();
}

/** What a router does before it restarts: the daemon is ended, and the disk let go. */
export async function shutDown(): Promise<void> {
  await daemon?.stop(20_000);
  await run('umount', dataDir);
}

const saved = (name: string) => readFile(`${dataDir}/${name}`, 'utf8').catch(() => '');

const bansHere = async () => bansIn(await run('nft', '-j', 'list', 'table', 'inet', 'postern'));
