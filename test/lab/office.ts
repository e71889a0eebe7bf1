import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from './lab.ts';

/** One more device on the LAN: no lease, an address of its own choice. */
export interface Desk {
  readonly mac: string;
  readonly ip4: string;
}

/**
 * Sets up to 40 more devices on the LAN, each with a MAC, a link to the bridge and an IPv4 address of its own. All of
 * them live in the namespace of `laptop`, where the source address says by which link a connection leaves, so that one
 * process can be all of them.
 */
export async function makeOffice(lab: Lab, count: number): Promise<readonly Desk[]> {
  const desks = Array.from({ length: count }, (_, i) => ({
    mac: `a4:c3:f0:0f:1c:${(i + 1).toString(16).padStart(2, '0')}`,
    ip4: `192.168.1.${60 + i}`,
  }));
  await batch(lab, 'router', [
    ...desks.map(({ mac }, i) => `link add name p-desk${i} type veth peer name desk${i} address ${mac}`),
    ...desks.map((_, i) => `link set p-desk${i} master br-lan up`),
    ...desks.map((_, i) => `link set desk${i} netns laptop`),
  ]);
  // Each link answers for its own address and for no other's.
  const settings = ['arp_ignore=1', 'arp_announce=2', 'rp_filter=0'].map((one) => `net.ipv4.conf.all.${one}`);
  await lab.run('laptop', ['busybox', 'sysctl', '-q', '-w', ...settings]);
  await batch(
    lab,
    'laptop',
    desks.flatMap(({ ip4 }, i) => [
      `addr add ${ip4}/24 dev desk${i} noprefixroute`,
      `link set desk${i} up`,
      `route add default via 192.168.1.1 dev desk${i} onlink table ${100 + i}`,
      `rule add from ${ip4} lookup ${100 + i}`,
    ]),
  );
  return desks;
}

async function batch(lab: Lab, host: 'router' | 'laptop', lines: readonly string[]): Promise<void> {
  const file = join(lab.dir, `office-${host}.batch`);
  await writeFile(file, `${lines.join('\n')}\n`);
  await lab.run(host, ['ip', '-batch', file]);
}
