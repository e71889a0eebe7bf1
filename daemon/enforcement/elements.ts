import type { DeviceKey } from '../address/device-key.ts';
import { canonicalIp, formatIp, parseIp } from '../address/ip.ts';
import { prefixOf } from '../address/prefix.ts';
import { mailPorts } from '../conntrack/flow.ts';
import { isInterfaceName, type Omission } from './checked.ts';
import type { CutFlow, DesiredRuleset, ExemptDevice, HeldDevice, KnownDevice } from './desired.ts';
import { partOf } from './key-part.ts';
import { type Put, putRelays } from './relay-elements.ts';
import { bounds, holds } from './sets.ts';
import { type Element, type Elements, elementKey } from './table.ts';

/** Elements of each set that the daemon fills and that is not empty, by the set's name. */
export type Contents = ReadonlyMap<string, Elements>;

/**
 * The elements of every set that the daemon fills, but for the providers' prefixes (`providers` names those there are). What has ended by `nowMs` is left
 * out; so is, with a word to `omit`, what is malformed or above a set's bound.
 */
export function contentsOf(
  desired: DesiredRuleset,
  providers: ReadonlySet<string>,
  nowMs: number,
  omit: (omission: Omission) => void,
): Contents {
  const sets = new Map<string, Map<string, Element>>();
  const put: Put = (set, bound, parts, endMs) => {
    const key = elementKey(parts);
    const elements = sets.get(set) ?? new Map<string, Element>();
    if (elements.has(key)) return;
    if (elements.size >= bound) return omit({ why: 'too-many', subject: set });
    elements.set(key, endMs === undefined ? { parts } : { parts, endMs });
    sets.set(set, elements);
  };
  const isOver = (endMs: number | undefined) => endMs !== undefined && endMs <= nowMs;
  const known = new Map<DeviceKey, KnownDevice>();

  for (const hold of holds) {
    for (const { key, endMs } of desired[hold]) {
      if (isOver(endMs)) continue;
      const device = partOf(key);
      if (!device) {
        omit({ why: 'bad-element', subject: key });
        continue;
      }
      put(`${hold}_${device.kind}`, bounds.held, [device.part], endMs);
    }
  }
  for (const device of desired.known) known.set(device.key, device);
  for (const { key, budget } of withHeld(desired, known)) {
    const device = partOf(key);
    if (!device) {
      omit({ why: 'bad-element', subject: key });
      continue;
    }
    put(`known_${device.kind}`, bounds.known, [device.part]);
    put(`connections_${budget}_${device.kind}`, bounds.known, [device.part]);
    put(`commands_${budget}_${device.kind}`, bounds.known, [device.part]);
  }
  for (const device of desired.exempt) {
    const element = exemptElement(device);
    if (element) put(element.set, bounds.exempt, element.parts);
    else omit({ why: 'bad-element', subject: device.key });
  }
  for (const cut of desired.cuts) {
    if (isOver(cut.endMs)) continue;
    const element = cutElement(cut);
    if (element) put(element.set, bounds.cuts, element.parts, cut.endMs);
    else omit({ why: 'bad-element', subject: cut.src });
  }
  putRelays(
    desired.relays.filter(({ endMs }) => !isOver(endMs)),
    providers,
    put,
    omit,
  );
  return sets;
}

/** A held device is known whatever the list says: its attempts must not share a set with strangers'. */
function withHeld(
  desired: DesiredRuleset,
  known: ReadonlyMap<DeviceKey, KnownDevice>,
): Iterable<KnownDevice> {
  const all = new Map<DeviceKey, KnownDevice>();
  for (const hold of holds) {
    for (const { key } of desired[hold] as readonly HeldDevice[]) {
      all.set(key, known.get(key) ?? { key, budget: 'default' });
    }
  }
  for (const device of desired.known) all.set(device.key, device);
  return all.values();
}

/** Where a declared mail server belongs; undefined if a part of it is malformed or its address cannot be its own. */
function exemptElement({ key, interface: name, address }: ExemptDevice) {
  const device = partOf(key);
  if (!device || !isInterfaceName(name)) return undefined;
  const { kind, part } = device;
  if (address === undefined) {
    const set = kind === 'mac' ? 'exempt_mac' : kind === 'ip4' ? 'exempt_ip4' : 'exempt_net6';
    return { set, parts: [name, part] };
  }
  const ip = parseIp(address);
  if (!ip) return undefined;
  const fixed = formatIp(ip);
  if (kind === 'mac') return { set: `exempt_mac_ip${ip.family}`, parts: [name, part, fixed] };
  if (ip.family !== (kind === 'ip4' ? 4 : 6)) return undefined;
  const own = kind === 'ip4' ? fixed : formatIp(prefixOf(ip, 64));
  return own === part ? { set: `exempt_ip${ip.family}`, parts: [name, fixed] } : undefined;
}

/** The original tuple of a flow; undefined if a part of it is malformed. */
function cutElement({ src, sport, dst, dport }: CutFlow) {
  const from = parseIp(src);
  const to = canonicalIp(dst);
  const isPort = Number.isInteger(sport) && sport > 0 && sport < 65536 && mailPorts.includes(dport);
  if (!from || to === undefined || parseIp(to)?.family !== from.family || !isPort) return undefined;
  return { set: `cuts${from.family}`, parts: [formatIp(from), sport, to, dport] };
}
