import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const programs = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  ip: 'iproute2',
  nft: 'nftables',
  conntrack: 'conntrack',
  dnsmasq: 'dnsmasq-base',
  busybox: 'busybox',
  mosquitto: 'mosquitto',
  mosquitto_sub: 'mosquitto-clients',
  openssl: 'openssl',
  perl: 'perl-base',
} as const;

let known: { sentence: string | undefined } | undefined;

/**
 * Says in one sentence why no lab can be made on this machine, or returns undefined where one can.
 * Asked once per process; tests skip with this sentence, or fail with it where CI=true.
 */
export function labObstacle(): string | undefined {
  known ??= { sentence: findObstacle() };
  return known.sentence;
}

function findObstacle(): string | undefined {
  if (process.platform !== 'linux') return `The lab needs Linux, this is ${process.platform}.`;
  if (process.getuid?.() !== 0) return 'The lab needs root, to make network namespaces.';
  const missing = Object.entries(programs).filter(([program]) => !onPath(program));
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
    return `The lab needs ${missing.map(([program]) => program).join(', ')}: apt-get install ${packages}`;
  }
  if (!existsSync('/dev/net/tun')) return 'The lab needs /dev/net/tun, for its network without Ethernet.';
  const probe = spawnSync('unshare', [
    '--mount',
    '--pid',
    '--net',
    '--fork',
    '--mount-proc',
    'nft',
    'add',
    'table',
    'inet',
    'probe',
  ]);
  if (probe.status !== 0) {
    return `The lab cannot make namespaces with nftables here: ${probe.stderr.toString().trim().split('\n')[0]}`;
  }
  return undefined;
}

function onPath(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(`${folder}/${program}`));
}
