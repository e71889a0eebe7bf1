import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localPrefixes } from './addresses.ts';
import type { Holder } from './holder.ts';
import {
  bareAddress,
  type Device,
  devices,
  gateway,
  type HostName,
  hostNames,
  type Network,
  networks,
} from './home.ts';
import { LabProcess } from './lab-process.ts';
import { labFile } from './root.ts';
import { mustRun } from './run.ts';

const routerSysctls = [
  'net.ipv4.ip_forward=1',
  'net.ipv6.conf.all.forwarding=1',
  'net.ipv6.conf.default.forwarding=1',
  'net.ipv6.conf.default.accept_dad=0',
  'net.netfilter.nf_conntrack_acct=1',
  // Bridged frames pass the inet hooks only where the kernel was told so, and OpenWrt's is not.
  'net.bridge.bridge-nf-call-iptables=0',
  'net.bridge.bridge-nf-call-ip6tables=0',
];

const internetSysctls = ['net.ipv6.conf.default.accept_dad=0', 'net.ipv4.tcp_max_syn_backlog=8192'];

/** Makes the namespaces, links, addresses and routes of the home. IPv4 of the devices comes by DHCP later. */
export async function wireHome(holder: Holder): Promise<void> {
  await batch(
    holder,
    'namespaces',
    undefined,
    hostNames.map((name) => `netns add ${name}`),
  );
  await Promise.all([
    sysctl(holder, 'router', routerSysctls),
    sysctl(holder, 'internet', internetSysctls),
    // A /sys that shows the router's interfaces: it is the router's programs that look there.
    mustRun(holder, 'router', ['mount', '-t', 'sysfs', 'sysfs', '/sys']),
  ]);
  const etherDevices = Object.values(devices).filter((device) => device.mac !== '');
  await batch(holder, 'links', undefined, [
    `link add name wan netns router address ${networkAt('wan').mac} type veth peer name eth0 netns internet`,
    ...etherDevices.map(
      (d) =>
        `link add name p-${d.name} netns router type veth peer name ${d.iface} netns ${d.name} address ${d.mac}`,
    ),
  ]);
  await startTunnel(holder);
  await Promise.all([
    batch(holder, 'router', 'router', routerLines(etherDevices)),
    batch(holder, 'internet', 'internet', internetLines()),
    ...Object.values(devices).map((device) => batch(holder, device.name, device.name, deviceLines(device))),
  ]);
}

async function startTunnel(holder: Holder): Promise<void> {
  const pump = new LabProcess(holder.enter('router', ['perl', labFile('tun-pair.pl'), 'tun0', 'tun-peer']));
  await pump.waitForLine(/^ready$/);
  await batch(holder, 'tunnel', 'router', ['link set tun-peer netns roadwarrior name tun0']);
}

// Answers to spoofed sources leave neighbour entries that nobody will resolve, and the kernel bounds their number
// over all namespaces of the machine: let them fail within 20 ms, or a flood here starves other labs.
function quickFailure(iface: string): string[] {
  return ['arp_cache', 'ndisc_cache'].map(
    (table) => `ntable change name ${table} dev ${iface} retrans 10 mcast_probes 2`,
  );
}

function routerLines(etherDevices: readonly Device[]): string[] {
  const bridges = networks.filter((network) => network.interface.startsWith('br-'));
  return [
    'link set lo up',
    ...bridges.map(
      (b) =>
        `link add ${b.interface} address ${b.mac} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    ),
    ...etherDevices.flatMap((d) => [
      `link set p-${d.name} master ${networkAt(d.network).interface}`,
      `link set p-${d.name} up`,
    ]),
    ...networks.flatMap((n) => [
      `link set ${n.interface} up`,
      `addr add ${n.ip4} dev ${n.interface}`,
      `addr add ${n.ip6} dev ${n.interface} nodad`,
    ]),
    ...bridges.flatMap((b) => quickFailure(b.interface)),
    `route add default via ${gateway.ip4} dev wan`,
    `route add default via ${gateway.ip6} dev wan`,
  ];
}

function internetLines(): string[] {
  const guarded6 = networks.filter((n) => n.role === 'guard').map((n) => n.ip6.replace('::1/', '::/'));
  return [
    'link set lo up',
    'link set eth0 up',
    `addr add ${gateway.ip4}/24 dev eth0`,
    `addr add ${gateway.ip6}/64 dev eth0 nodad`,
    ...guarded6.map((prefix) => `route add ${prefix} via ${bareAddress(networkAt('wan').ip6)} dev eth0`),
    // A local route makes every address of a prefix this host's own, without adding each of them.
    ...localPrefixes.map((prefix) => `route add local ${prefix} dev lo`),
    // The rest of the world does not answer.
    'route add blackhole 0.0.0.0/0',
    'route add blackhole ::/0',
  ];
}

function deviceLines(device: Device): string[] {
  const network = networkAt(device.network);
  const lines = [
    'link set lo up',
    `link set ${device.iface} up`,
    `addr add ${device.ip6}/64 dev ${device.iface} nodad`,
    `route add default via ${bareAddress(network.ip6)} dev ${device.iface}`,
  ];
  if (network.ether) return lines;
  return [
    ...lines,
    `addr add ${device.ip4}/24 dev ${device.iface}`,
    `route add default via ${bareAddress(network.ip4)} dev ${device.iface}`,
  ];
}

function networkAt(name: Network['name']): Network {
  const network = networks.find((candidate) => candidate.name === name);
  if (network === undefined) throw new Error(`no network ${name}`);
  return network;
}

async function sysctl(holder: Holder, host: HostName, settings: readonly string[]): Promise<void> {
  await mustRun(holder, host, ['busybox', 'sysctl', '-q', '-w', ...settings]);
}

/** Runs lines of `ip`, in order, as one process inside `host`. */
async function batch(
  holder: Holder,
  label: string,
  host: HostName | undefined,
  lines: readonly string[],
): Promise<void> {
  const file = join(holder.dir, `ip-${label}.batch`);
  await writeFile(file, `${lines.join('\n')}\n`);
  await mustRun(holder, host, ['ip', '-batch', file]);
}
