import { parseIp } from '../address/ip.ts';
import { contains } from '../address/prefix.ts';
import type { Config } from '../config/config.ts';
import type { FlowEvent } from '../conntrack/flow.ts';

/** Whether the address lies in the home: on a network that is not upstream, or is the router's own. */
export function isInside(config: Config, address: string): boolean {
  const known = answersOf(config);
  const before = known.get(address);
  if (before !== undefined) return before;
  const answer = look(config, address);
  if (known.size >= mostAnswers) known.clear();
  known.set(address, answer);
  return answer;
}

function look(config: Config, address: string): boolean {
  const ip = parseIp(address);
  if (!ip) return false;
  return config.networks.some(
    (network) =>
      network.addresses.includes(address) ||
      (network.role !== 'upstream' && network.prefixes.some((prefix) => contains(prefix, ip))),
  );
}

/** Answers remembered for a configuration, since every flow asks: at most so many, then all are forgotten. */
const mostAnswers = 1024;
const answers = new WeakMap<Config, Map<string, boolean>>();

function answersOf(config: Config): Map<string, boolean> {
  const known = answers.get(config) ?? new Map<string, boolean>();
  if (known.size === 0) answers.set(config, known);
  return known;
}

/** Whether the router itself has the address. */
export function isRouter(config: Config, address: string): boolean {
  return config.networks.some((network) => network.addresses.includes(address));
}

/**
 * Whether a flow is mail that leaves the home from inside: neither LAN to LAN, nor to the router, nor a hairpin
 * back into the home, nor mail that comes in from outside.
 */
export function leavesHome(config: Config, flow: Pick<FlowEvent, 'dst' | 'replySrc'>): boolean {
  if (isInside(config, flow.dst)) return false;
  const { replySrc } = flow;
  if (replySrc !== undefined && replySrc !== flow.dst && isInside(config, replySrc)) return false;
  return true;
}
