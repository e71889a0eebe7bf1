import * as v from 'valibot';
import { canonicalIp, parseIp } from '../address/ip.ts';
import { formatPrefix, type Prefix, prefixOf } from '../address/prefix.ts';
import { isInterfaceName } from './schema.ts';
import { isInZone, leadsOut, type Zone } from './zone.ts';

/** Kernel interface with everything that netifd's logical interfaces on it say. */
export interface FoundNetwork {
  /** Logical names that share the interface (`wan`, `wan6`), shortest first. */
  readonly names: readonly string[];
  readonly up: boolean;
  readonly upstream: boolean;
  readonly interface: string;
  /** Canonical text. */
  readonly addresses: readonly string[];
  readonly prefixes: readonly Prefix[];
}

/** Bound of prefixes kept for one network; a router with more keeps its first ones. */
const maxPrefixes = 64;
const maxInterfaces = 256;

/** Protocols by which a router is the client of another: what uses them leads outwards, route or not. */
const clientProtocols = new Set(
  '3g 464xlat 6in4 6rd 6to4 dhcp dhcpv6 ds-lite dslite l2tp map mbim modemmanager ncm pppoa pppoe pptp qmi sstp wwan'.split(
    ' ',
  ),
);

const maskedSchema = v.object({ address: v.string(), mask: v.number() });
const assignedSchema = v.object({
  ...maskedSchema.entries,
  'local-address': v.fallback(v.optional(maskedSchema), undefined),
});
const routeSchema = v.object({ target: v.string(), mask: v.number() });
const inactiveSchema = v.object({ route: each(routeSchema) });
const interfaceSchema = v.object({
  interface: v.string(),
  up: v.fallback(v.boolean(), false),
  proto: v.fallback(v.string(), ''),
  l3_device: v.fallback(v.string(), ''),
  device: v.fallback(v.string(), ''),
  'ipv4-address': each(maskedSchema),
  'ipv6-address': each(maskedSchema),
  'ipv6-prefix-assignment': each(assignedSchema),
  route: each(routeSchema),
  inactive: v.fallback(inactiveSchema, { route: [] }),
});
type Interface = v.InferOutput<typeof interfaceSchema>;

/** A list of which only the items that fit are kept; no list at all is an empty one. */
function each<T>(schema: v.GenericSchema<unknown, T>) {
  const keep = (items: unknown[]) =>
    items.slice(0, maxInterfaces).flatMap((item) => {
      const result = v.safeParse(schema, item);
      return result.success ? [result.output] : [];
    });
  return v.fallback(v.pipe(v.array(v.unknown()), v.transform(keep)), []);
}

/**
 * The networks of the answer of `ubus call network.interface dump`, one for each kernel interface, in its order;
 * undefined if it is no such answer. Loopback and what has no usable kernel interface are left out. Upstream is what
 * leads outwards by itself, and what the firewall has in a zone that does: a modem's own address, a second uplink.
 */
export function foundNetworks(dump: unknown, zones: readonly Zone[] = []): FoundNetwork[] | undefined {
  const result = v.safeParse(v.object({ interface: v.array(v.unknown()) }), dump);
  if (!result.success) return undefined;
  const byDevice = new Map<string, Interface[]>();
  for (const item of v.parse(each(interfaceSchema), result.output.interface)) {
    const device = item.l3_device || item.device;
    if (device === 'lo' || item.interface === 'loopback' || !isInterfaceName(device)) continue;
    byDevice.set(device, [...(byDevice.get(device) ?? []), item]);
  }
  const uplinks = [...byDevice].filter(([, items]) => items.some(leadsOutwards));
  const outer = zones.filter((zone) =>
    leadsOut(
      zone,
      uplinks.some(([device, items]) => isIn(zone, device, items)),
    ),
  );
  return [...byDevice].map(([device, items]) => {
    const upstream = items.some(leadsOutwards) || outer.some((zone) => isIn(zone, device, items));
    return merged(device, items, upstream);
  });
}

function isIn(zone: Zone, device: string, items: readonly Interface[]): boolean {
  return isInZone(
    zone,
    device,
    items.map((item) => item.interface),
  );
}

function merged(device: string, items: readonly Interface[], upstream: boolean): FoundNetwork {
  const masked = items.flatMap((item) => [...item['ipv4-address'], ...item['ipv6-address']]);
  const assigned = items.flatMap((item) => item['ipv6-prefix-assignment']);
  const own = [...masked, ...assigned.flatMap((item) => item['local-address'] ?? [])];
  const addresses = own.flatMap(({ address }) => canonicalIp(address) ?? []);
  // Routes by way of a guarded network lead to more of its devices: other subnets, WireGuard's peers.
  const routes = upstream ? [] : items.flatMap((item) => item.route);
  const targets = routes.map(({ target, mask }) => ({ address: target, mask }));
  const prefixes = [...masked, ...assigned, ...targets].flatMap((item) => prefixFrom(item) ?? []);
  return {
    names: items.map((item) => item.interface).toSorted((a, b) => a.length - b.length),
    up: items.some((item) => item.up),
    upstream,
    interface: device,
    addresses: [...new Set(addresses)],
    prefixes: distinct(prefixes).slice(0, maxPrefixes),
  };
}

function leadsOutwards(item: Interface): boolean {
  const isDefault = ({ target, mask }: v.InferOutput<typeof routeSchema>) =>
    mask === 0 && (target === '0.0.0.0' || target === '::');
  return clientProtocols.has(item.proto) || [...item.route, ...item.inactive.route].some(isDefault);
}

function prefixFrom({ address, mask }: v.InferOutput<typeof maskedSchema>): Prefix | undefined {
  const ip = parseIp(address);
  if (!ip || !Number.isInteger(mask) || mask < 1 || mask > (ip.family === 4 ? 32 : 128)) return undefined;
  return prefixOf(ip, mask);
}

function distinct(prefixes: readonly Prefix[]): Prefix[] {
  return [...new Map(prefixes.map((prefix) => [formatPrefix(prefix), prefix])).values()];
}
