import { parseIp } from '../address/ip.ts';
import { contains, type Prefix } from '../address/prefix.ts';
import type { ReplayFlow } from './replay-flow.ts';

/** Where a flow goes, seen from the home. */
export type Direction =
  /** From a device at home to a server outside: what the guard watches. */
  | 'leaves'
  /** From one device at home to another, or back in by a hairpin: the guard never touches it. */
  | 'inside'
  /** From somebody who is not at home. */
  | 'strange';

/** Private IPv4 (RFC 1918) and unique local IPv6 (RFC 4193), of an address in canonical text. */
export function isPrivate(address: string): boolean {
  if (address.includes(':')) return /^f[cd][0-9a-f]{2}:/.test(address);
  return (
    address.startsWith('10.') ||
    address.startsWith('192.168.') ||
    (address.startsWith('172.') && /^172\.(?:1[6-9]|2\d|3[01])\./.test(address))
  );
}

/** Who is at home where the prefixes are named. */
export function directionBy(lan: readonly Prefix[]): (flow: ReplayFlow) => Direction {
  const isHome = remembering((address) => {
    const ip = parseIp(address);
    return ip !== undefined && lan.some((prefix) => contains(prefix, ip));
  });
  return ({ src, dst, replySrc }) => {
    if (!isHome(src)) return 'strange';
    return isHome(dst) || (replySrc !== undefined && isHome(replySrc)) ? 'inside' : 'leaves';
  };
}

/**
 * Where nobody names the home, its devices are the private sources. A private server is taken for a relay beyond the
 * home's own network, since a guard that sees the flow routes it; only a hairpin is known to come back.
 */
export function directionByDefault({ src, replySrc }: ReplayFlow): Direction {
  if (!isPrivate(src)) return 'strange';
  return replySrc !== undefined && isPrivate(replySrc) ? 'inside' : 'leaves';
}

/** At most 16,384 answers; when full, all are forgotten. */
function remembering(ask: (address: string) => boolean): (address: string) => boolean {
  const answers = new Map<string, boolean>();
  return (address) => {
    const known = answers.get(address);
    if (known !== undefined) return known;
    const answer = ask(address);
    if (answers.size >= 16_384) answers.clear();
    answers.set(address, answer);
    return answer;
  };
}
