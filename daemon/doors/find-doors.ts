import { formatIp, type Ip, parseIp } from '../address/ip.ts';
import { cleanHostname } from '../identity/hostname.ts';
import { meansAddress } from './addresses.ts';
import { type Door, type DoorKind, type FoundDoors, maxDoors } from './door.ts';
import { listOf, member, textOf } from './json.ts';
import { type LeaseNames, leaseId } from './leases.ts';
import { isPort, portsOf } from './matches.ts';
import { acceptingChains, chainsFrom, isInside, pairsOf, type Rule, type Ruleset } from './ruleset.ts';

const maxName = 40;

/** Where to look. */
export interface DoorSources {
  readonly ruleset: Ruleset;
  /** Interfaces of guarded networks: what may only come from there is no way in. */
  readonly inside: ReadonlySet<string>;
  readonly leases: LeaseNames;
}

/** A place to which packets are sent on. */
interface Target {
  readonly address: unknown;
  /** Undefined where the port stays as it is. */
  readonly port: unknown;
  /** Outside, where a map tells it. */
  readonly ports?: string;
}

/** The doors that lead to any of the addresses: `dnat` rules, and rules that let IPv6 in. */
export function findDoors(sources: DoorSources, addresses: readonly string[]): FoundDoors {
  const ips = addresses.flatMap((address) => parseIp(address) ?? []);
  const found = [...forwards(sources, ips), ...openings(sources, ips)];
  const doors = merged(found);
  return { doors: doors.slice(0, maxDoors), omitted: Math.max(0, doors.length - maxDoors) };
}

/** Whether packets from outside are sent on by a target of iptables: nft does not list to where. */
export function hasUnlisted(sources: DoorSources): boolean {
  const targets = ['DNAT', 'NETMAP'];
  return rulesAt(sources, 'prerouting').some(([, { expressions }]) =>
    expressions.some((one) => targets.includes(textOf(member(one, 'xt'), 'name'))),
  );
}

function forwards(sources: DoorSources, ips: readonly Ip[]): Door[] {
  return rulesAt(sources, 'prerouting').flatMap(([id, rule]) =>
    targetsOf(id, rule, sources.ruleset).flatMap(({ address, port, ports = rule.matches.ports }) => {
      const ip = ips.find((one) => meansAddress(address, one));
      if (!ip) return [];
      const to = port === undefined ? ports : portsOf(port);
      return [doorOf(rule, ports, ip, to, sources.leases)];
    }),
  );
}

function openings(sources: DoorSources, ips: readonly Ip[]): Door[] {
  const accepting = acceptingChains(sources.ruleset);
  return rulesAt(sources, 'forward').flatMap(([, rule]) => {
    const { destinations, ports } = rule.matches;
    const isOpen = rule.accepts || rule.jumps.some(({ to }) => accepting.has(to));
    if (!isOpen || destinations.length === 0) return [];
    const ip = ips.find((one) => one.family === 6 && destinations.every((passes) => passes(one)));
    return ip ? [doorOf(rule, ports, ip, ports, sources.leases, 'firewall rule')] : [];
  });
}

/** Rules that a packet from outside may come to, with the id of their chain. */
function rulesAt({ ruleset, inside }: DoorSources, hook: string): (readonly [string, Rule])[] {
  return [...chainsFrom(ruleset, hook, inside)].flatMap((id) =>
    (ruleset.rules.get(id) ?? [])
      .filter(({ matches }) => !isInside(matches, inside))
      .map((rule) => [id, rule] as const),
  );
}

function targetsOf(id: string, { expressions }: Rule, { maps }: Ruleset): Target[] {
  const [family, table] = id.split(' ');
  return expressions.flatMap((expression): Target[] => {
    const dnat = member(expression, 'dnat');
    const address = member(dnat, 'addr');
    const port = member(dnat, 'port');
    const map = member(address, 'map');
    if (map === undefined) return address === undefined ? [] : [{ address, port }];
    const byPort = isPort(member(map, 'key'));
    return pairsOf(member(map, 'data'), { family, table }, maps).map(([key, value]) => {
      const parts = listOf(member(value, 'concat'));
      const ports = byPort ? { ports: portsOf(key) } : {};
      return parts.length > 0
        ? { address: parts[0], port: parts[1], ...ports }
        : { address: value, port, ...ports };
    });
  });
}

function doorOf(
  rule: Rule,
  ports: string,
  ip: Ip,
  inner: string,
  leases: LeaseNames,
  usual: DoorKind = 'port forward',
): Door {
  const { protocol } = rule.matches;
  const address = formatIp(ip);
  // miniupnpd's chains, on OpenWrt and as its own scripts make them.
  const isUpnp = /^upnp_|miniupnpd/i.test(rule.chain);
  const said = (isUpnp ? leases.get(leaseId(protocol, ports, address)) : undefined) ?? rule.comment;
  const name = nameOf(said);
  return {
    kind: isUpnp ? 'UPnP' : usual,
    protocol,
    ports,
    address,
    ...(inner !== ports && { port: inner }),
    ...(name !== undefined && { name }),
  };
}

/** What may be shown of a name: firewall4 writes "!fw4: Web cam", and "@redirect[0]" where nobody gave one. */
function nameOf(comment: string): string | undefined {
  const raw = comment.replace(/^!fw4: /, '');
  return raw.startsWith('@') ? undefined : cleanHostname(raw)?.slice(0, maxName);
}

/** Each door once: firewall4 makes a rule of each protocol, and one more for the home's own networks. */
function merged(found: readonly Door[]): Door[] {
  const doors = new Map<string, Door>();
  for (const door of found) {
    const { kind, ports, address, port, name, protocol } = door;
    const id = [kind, ports, address, port, name].join('\n');
    const before = doors.get(id);
    if (!before) doors.set(id, door);
    else if (!before.protocol.split(', ').includes(protocol))
      doors.set(id, { ...before, protocol: `${before.protocol}, ${protocol}` });
  }
  return [...doors.values()];
}
