import { readFile } from 'node:fs/promises';
import type { Config, Network } from './config/config.ts';
import { strangersAmong } from './conntrack/listener.ts';
import { isTooOld, plausibleWallMs } from './doctor/needs.ts';
import type { DegradedReason } from './engine/degraded.ts';
import type { Running } from './main-running.ts';
import { readOtherListeners } from './system/netlink-listeners.ts';

/** A condition of the surroundings as it is now. */
export interface Surrounding {
  readonly reason: DegradedReason;
  readonly on: boolean;
  readonly detail?: string;
}

/** From here on the connection table is as good as full, since a burst fills the rest; there is room again below the other. */
const fullShare = 0.95;
const roomShare = 0.8;

/** What can be told of the machine by reading a few small files. */
export async function lookAround(
  wallMs: number,
  ownPids: readonly number[],
): Promise<readonly Surrounding[]> {
  const [accounting, forward, ip6, tracked, most, others] = await Promise.all([
    textOf('/proc/sys/net/netfilter/nf_conntrack_acct'),
    textOf('/proc/sys/net/ipv4/ip_forward'),
    textOf('/proc/sys/net/ipv6/conf/all/disable_ipv6'),
    textOf('/proc/sys/net/netfilter/nf_conntrack_count'),
    textOf('/proc/sys/net/netfilter/nf_conntrack_max'),
    readOtherListeners(ownPids),
  ]);
  const found: Surrounding[] = [
    { reason: 'clock_not_set', on: wallMs < plausibleWallMs },
    { reason: 'running_as_root', on: process.getuid?.() === 0 },
    { reason: 'ipv6_off', on: ip6 !== '0' },
    { reason: 'node_too_old', on: isTooOld(process.versions.node) },
  ];
  if (accounting !== undefined) found.push({ reason: 'no_accounting', on: accounting === '0' });
  if (forward !== undefined) found.push({ reason: 'not_routing', on: forward === '0' });
  const share = Number(tracked) / Number(most);
  if (share >= fullShare) found.push({ reason: 'conntrack_full', on: true, detail: `of ${most}` });
  else if (share < roomShare) found.push({ reason: 'conntrack_full', on: false });
  if (others) {
    const names = strangersAmong(others);
    const detail = names.length > 0 ? { detail: names.join(', ') } : {};
    found.push({ reason: 'other_listener', on: names.length > 0, ...detail });
  }
  return found;
}

/** The networks with what the kernel says of their links; the rest of the configuration as it is. */
export async function withLinks(config: Config): Promise<Config> {
  const networks = await Promise.all(config.networks.map(withLink));
  return { ...config, networks };
}

async function withLink(network: Network): Promise<Network> {
  const types = await Promise.all(network.interfaces.map((name) => textOf(`/sys/class/net/${name}/type`)));
  const known = types.filter((type) => type !== undefined);
  // ARPHRD_ETHER of linux/if_arp.h; bridges and VLANs have it too.
  return known.length === 0 ? network : { ...network, ethernet: known.every((type) => type === '1') };
}

/** Whether a link outwards is up: false only where there are some, and all of them are down. */
export async function isLinked({ networks }: Config): Promise<boolean> {
  const names = networks.filter(({ role }) => role === 'upstream').flatMap(({ interfaces }) => interfaces);
  const states = await Promise.all(names.map((name) => textOf(`/sys/class/net/${name}/operstate`)));
  // PPP and tunnels say "unknown"; what is not there says nothing, and no route leads to it either.
  const known = states.filter((state) => state !== undefined);
  return known.length === 0 || known.some((state) => state !== 'down' && state !== 'lowerlayerdown');
}

/** Reads how things stand outwards, and says it to the engine. */
export async function tellUpstream(running: Running): Promise<void> {
  const [linked, arrivals] = await Promise.all([isLinked(running.state.config), running.readArrivals()]);
  running.dispatch({ type: 'upstream', linked, ...(arrivals !== undefined && { arrivals }) });
}

async function textOf(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'latin1').catch(() => undefined);
  return text?.trim();
}
