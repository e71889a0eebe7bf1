import { parseIp, parseIp4 } from '../address/ip.ts';
import { contains } from '../address/prefix.ts';
import type { Config, Network } from '../config/config.ts';
import type { TrackedFlow } from '../conntrack/tracked-flow.ts';

/** A prefix of IPv4 on a network at home, as numbers. */
interface Span {
  readonly first: number;
  readonly last: number;
  readonly network: Network;
}

/** What every new flow asks of a configuration, made ready once. */
interface Layout {
  /** The router's own addresses. */
  readonly own: ReadonlySet<string>;
  readonly spans: readonly Span[];
}

/** Of the configuration that was asked for last: there is one, but for a replay's and the tests'. */
let latest: { readonly config: Config; readonly layout: Layout } | undefined;

function layoutOf(config: Config): Layout {
  if (latest?.config === config) return latest.layout;
  const own = new Set(config.networks.flatMap(({ addresses }) => addresses));
  const spans = config.networks.flatMap((network) =>
    network.role === 'upstream'
      ? []
      : network.prefixes
          .filter(({ family }) => family === 4)
          .map(({ value, length }): Span => {
            const first = Number(value);
            return { first, last: first + 2 ** (32 - length) - 1, network };
          }),
  );
  const layout = { own, spans };
  latest = { config, layout };
  return layout;
}

/** The network at home that the address lies in. */
export function networkAt(config: Config, address: string): Network | undefined {
  if (!address.includes(':')) {
    const value = parseIp4(address);
    if (value === undefined) return undefined;
    for (const { first, last, network } of layoutOf(config).spans)
      if (value >= first && value <= last) return network;
    return undefined;
  }
  const ip = parseIp(address);
  if (!ip) return undefined;
  return config.networks.find(
    ({ role, prefixes }) => role !== 'upstream' && prefixes.some((prefix) => contains(prefix, ip)),
  );
}

/** Whether the address lies in the home: on a network that is not upstream, or is the router's own. */
export function isInside(config: Config, address: string): boolean {
  return isRouter(config, address) || networkAt(config, address) !== undefined;
}

/** Whether the router itself has the address. */
export function isRouter(config: Config, address: string): boolean {
  const { own } = layoutOf(config);
  return own.size > 0 && own.has(address);
}

/**
 * Whether a flow is mail that leaves the home from inside: neither LAN to LAN, nor to the router, nor a hairpin
 * back into the home, nor mail that comes in from outside.
 */
export function leavesHome(config: Config, flow: Pick<TrackedFlow, 'dst' | 'replySrc'>): boolean {
  if (isInside(config, flow.dst)) return false;
  const { replySrc } = flow;
  if (replySrc !== undefined && replySrc !== flow.dst && isInside(config, replySrc)) return false;
  return true;
}
