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
    // nft takes no time that is infinite, and needs none.
    elements.set(key, endMs === undefined || !Number.isFinite(endMs) ? { parts } : { parts, endMs });
    sets.set(set, elements);
  };
  const isOver = (endMs: number | undefined) => endMs !== undefined && endMs <= nowMs;

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
  putKnown(desired, sets, omit);
  for (const device of desired.exempt) {
    const element = exemptElement(device);
    if (element) put(element.set, bounds.exempt, element.parts);
    else omit({ why: 'bad-element', subject: device.key });
  }
  for (const cut of desired.cuts) {
    if (isOver(cut.endMs)) continue;
    const element = cutElementOf(cut);
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

/** What a list of known devices comes to: the engine hands in the same list as long as it did not change. */
interface KnownSets {
  readonly keys: ReadonlySet<DeviceKey>;
  readonly sets: ReadonlyMap<string, Map<string, Element>>;
  readonly omitted: readonly Omission[];
}
const knownSetsOf = new WeakMap<readonly KnownDevice[], KnownSets>();

/** Puts the known devices and their budgets, and those that are held: their attempts must not share a set with strangers'. */
function putKnown(
  desired: DesiredRuleset,
  sets: Map<string, Map<string, Element>>,
  omit: (omission: Omission) => void,
): void {
  const known = knownSetsOf.get(desired.known) ?? knownSets(desired.known);
  knownSetsOf.set(desired.known, known);
  known.omitted.forEach(omit);
  const held = holds.flatMap((hold) => (desired[hold] as readonly HeldDevice[]).map(({ key }) => key));
  const more = [...new Set(held)].filter((key) => !known.keys.has(key));
  if (more.length === 0) {
    for (const [name, elements] of known.sets) sets.set(name, elements);
    return;
  }
  // The held ones first: a list that is too long must not leave them out.
  const all = knownSets([...more.map((key) => ({ key, budget: 'default' as const })), ...desired.known]);
  for (const [name, elements] of all.sets) sets.set(name, elements);
}

function knownSets(devices: readonly KnownDevice[]): KnownSets {
  const sets = new Map<string, Map<string, Element>>();
  const omitted: Omission[] = [];
  for (const { key, budget } of devices) {
    const device = partOf(key);
    if (!device) {
      omitted.push({ why: 'bad-element', subject: key });
      continue;
    }
    for (const name of ['known', `connections_${budget}`, `commands_${budget}`]) {
      const set = `${name}_${device.kind}`;
      const elements = sets.get(set) ?? new Map<string, Element>();
      sets.set(set, elements);
      if (elements.size < bounds.known) elements.set(device.part, { parts: [device.part] });
      else omitted.push({ why: 'too-many', subject: set });
    }
  }
  return { keys: new Set(devices.map(({ key }) => key)), sets, omitted };
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

/** Cuts stay for two minutes and are the same objects all that time: each is read once. */
const cutElements = new WeakMap<CutFlow, ReturnType<typeof cutElement>>();

function cutElementOf(cut: CutFlow) {
  const known = cutElements.get(cut);
  if (known) return known;
  const element = cutElement(cut);
  cutElements.set(cut, element);
  return element;
}

/** The original tuple of a flow; undefined if a part of it is malformed. */
function cutElement({ src, sport, dst, dport }: CutFlow) {
  const from = parseIp(src);
  const to = canonicalIp(dst);
  const isPort = Number.isInteger(sport) && sport > 0 && sport < 65536 && mailPorts.includes(dport);
  if (!from || to === undefined || parseIp(to)?.family !== from.family || !isPort) return undefined;
  return { set: `cuts${from.family}`, parts: [formatIp(from), sport, to, dport] };
}
