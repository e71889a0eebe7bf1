import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { labObstacle } from '../lab/obstacle.ts';
import { repositoryRoot } from '../lab/root.ts';

/** Says in one sentence why no router can be booted on this machine, or returns undefined where one can. */
export function machineObstacle(): string | undefined {
  const obstacle = labObstacle();
  if (obstacle !== undefined) return obstacle;
  if (process.arch !== 'x64') return `The virtual machine needs the host's x86_64, this is ${process.arch}.`;
  const folders = (process.env['PATH'] ?? '').split(':');
  if (!folders.some((folder) => existsSync(join(folder, 'qemu-system-x86_64'))))
    return 'The virtual machine needs qemu: apt-get install qemu-system-x86';
  if (!existsSync(join(repositoryRoot, '.cache', 'vm', 'stamp')))
    return 'The virtual machine needs its kernel: sh test/setup.sh --vm';
  return undefined;
}
