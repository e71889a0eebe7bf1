import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { names } from './addresses.ts';
import type { Holder } from './holder.ts';
import { bareAddress, devices, networks } from './home.ts';
import { labFile } from './root.ts';
import { mustRun } from './run.ts';

/** Where the router's dnsmasq keeps its leases, in dnsmasq's own format. */
export function leasesPath(holder: Holder): string {
  return join(holder.dir, 'dnsmasq', 'dhcp.leases');
}

/** Starts dnsmasq on the router, and lets every Ethernet device ask it for its address once. */
export async function leaseAddresses(holder: Holder): Promise<void> {
  await startDnsmasq(holder);
  const asking = Object.values(devices).filter((device) => device.hostname !== '');
  await Promise.all(
    asking.map((device) =>
      mustRun(holder, device.name, [
        ...['busybox', 'udhcpc', '-f', '-q', '-n', '-t', '10', '-T', '1'],
        ...['-i', device.iface, '-s', labFile('dhcp-client.sh'), '-x', `hostname:${device.hostname}`],
      ]),
    ),
  );
}

async function startDnsmasq(holder: Holder): Promise<void> {
  const dir = join(holder.dir, 'dnsmasq');
  await mkdir(dir);
  const hosts = Object.values(names).flatMap(({ name, addresses }) => addresses.map((ip) => `${ip} ${name}`));
  const ether = networks.filter((network) => network.role === 'guard' && network.ether);
  await writeFile(join(dir, 'hosts'), `${hosts.join('\n')}\n`);
  await writeFile(
    join(dir, 'dnsmasq.conf'),
    [
      'user=root',
      'no-resolv',
      'no-hosts',
      // No ping before an address is given: it would cost three seconds.
      'no-ping',
      'dhcp-authoritative',
      'bind-dynamic',
      'domain=lan',
      `addn-hosts=${join(dir, 'hosts')}`,
      `dhcp-leasefile=${leasesPath(holder)}`,
      `pid-file=${join(dir, 'pid')}`,
      `log-facility=${join(dir, 'log')}`,
      'log-queries',
      ...networks
        .filter((network) => network.role === 'guard')
        .map((network) => `interface=${network.interface}`),
      ...ether.map((network) => `dhcp-range=${bareAddress(network.ip4).replace(/1$/, '100')},static,12h`),
      ...Object.values(devices)
        .filter((d) => d.mac !== '')
        .map((d) => `dhcp-host=${d.mac},${d.ip4}`),
      '',
    ].join('\n'),
  );
  // dnsmasq goes to the background once it is ready, and ends with the lab.
  await mustRun(holder, 'router', ['dnsmasq', `--conf-file=${join(dir, 'dnsmasq.conf')}`]);
}
