import { access, readFile, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { strangersAmong } from '../conntrack/listener.ts';
import type { Facts } from '../doctor/diagnose.ts';
import { askControl } from './control-client.ts';
import { readOtherListeners } from './netlink-listeners.ts';
import { type Argv, run } from './process.ts';

const askMs = 5000;
const mib = 2 ** 20;

/** Reads what the doctor wants to know of this router, on which the state is saved in `dataDir`. Never rejects. */
export async function examine(
  socket: string,
  wallMs: number,
  dataDir = '/etc/postern',
): Promise<Omit<Facts, 'networks'>> {
  const [release, nft, flows, conntrack, listeners, memory] = await Promise.all([
    textOf('/etc/os-release'),
    ran(['nft', '-j', 'list', 'tables']),
    ran(['nft', '-j', 'list', 'flowtables']),
    ran(['conntrack', '-C']),
    readOtherListeners([]),
    textOf('/proc/meminfo'),
  ]);
  const [events, accounting, forwarding, ip6Disabled] = await Promise.all([
    textOf('/proc/sys/net/netfilter/nf_conntrack_events'),
    textOf('/proc/sys/net/netfilter/nf_conntrack_acct'),
    textOf('/proc/sys/net/ipv4/ip_forward'),
    textOf('/proc/sys/net/ipv6/conf/all/disable_ipv6'),
  ]);
  return {
    system: /^PRETTY_NAME="?([^"\n]+)/m.exec(release ?? '')?.[1],
    node: process.versions.node,
    ...{ nft, conntrack, events, accounting, forwarding, ip6Disabled, wallMs },
    listeners: strangersAmong(listeners ?? []),
    flowtables: flows.stdout.split('"flowtable"').length - 1,
    hasUjail: await access('/sbin/ujail').then(
      () => true,
      () => false,
    ),
    memoryMb: mebibytes(memory, 'MemTotal'),
    availableMb: mebibytes(memory, 'MemAvailable'),
    flashMb: await freeMb(dataDir),
    daemon: await askStatus(socket),
  };
}

function ran(argv: Argv) {
  return run(argv, { timeoutMs: askMs, maxOutputBytes: 2 ** 16 });
}

async function askStatus(socket: string): Promise<Facts['daemon']> {
  const asked = await askControl(socket, { id: 1, do: 'status', args: {} }, askMs);
  if (asked.kind !== 'answer') return { missing: asked.detail };
  if (!asked.answer.ok) return { missing: asked.answer.error.message };
  const { degraded } = asked.answer.data as { readonly degraded?: unknown };
  return { reasons: Array.isArray(degraded) ? degraded : [] };
}

function mebibytes(meminfo: string | undefined, name: string): number | undefined {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo ?? '')?.[1];
  return kib === undefined ? undefined : Math.round(Number(kib) / 1024);
}

/** Where the folder is, or will be. */
async function freeMb(folder: string): Promise<number | undefined> {
  const found = await statfs(folder).catch(() => undefined);
  if (found) return Math.floor((found.bavail * found.bsize) / mib);
  const outer = dirname(folder);
  return outer === folder ? undefined : freeMb(outer);
}

async function textOf(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text?.trim();
}
