import { readdir, readFile, readlink } from 'node:fs/promises';
import { conntrackSockets, otherListeners, socketInode } from '../conntrack/other-listeners.ts';

/** A process that listens to conntrack's events as well. */
export interface OtherListener {
  readonly inode: number;
  /** Its process, if one may be seen; the socket of a process in a container may have none. */
  readonly pid: number | undefined;
  /** Its program and arguments, `[]` if they cannot be read. */
  readonly argv: readonly string[];
  /** Its parent is gone: a child of an earlier, killed daemon. */
  readonly isOrphan: boolean;
}

/**
 * Who listens to conntrack in this network namespace besides the processes `ownPids`; undefined where
 * `/proc/net/netlink` cannot be read. All processes are looked at only where there is somebody.
 */
export async function readOtherListeners(
  ownPids: readonly number[],
): Promise<readonly OtherListener[] | undefined> {
  const text = await readFile('/proc/net/netlink', 'latin1').catch(() => undefined);
  if (text === undefined) return undefined;
  const own = await Promise.all(ownPids.map(inodesOf));
  const others = otherListeners(conntrackSockets(text), new Set(own.flat()));
  if (others.length === 0) return [];
  const owners = await ownersOf(new Set(others.map(({ inode }) => inode)));
  return Promise.all(others.map(async ({ inode }) => describe(inode, owners.get(inode))));
}

async function describe(inode: number, pid: number | undefined): Promise<OtherListener> {
  if (pid === undefined) return { inode, pid, argv: [], isOrphan: false };
  const cmdline = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  // pid (name) state ppid …: the name may hold anything, brackets too.
  const ppid = stat.slice(stat.lastIndexOf(')') + 1).split(' ')[2];
  return { inode, pid, argv: cmdline.split('\0').slice(0, -1), isOrphan: ppid === '1' };
}

async function ownersOf(inodes: ReadonlySet<number>): Promise<Map<number, number>> {
  const owners = new Map<number, number>();
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    for (const inode of await inodesOf(Number(name))) {
      if (inodes.has(inode) && !owners.has(inode)) owners.set(inode, Number(name));
    }
  }
  return owners;
}

async function inodesOf(pid: number): Promise<readonly number[]> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  return links.flatMap((link) => socketInode(link) ?? []);
}
