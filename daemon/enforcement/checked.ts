import { formatPrefix, parsePrefix } from '../address/prefix.ts';
import type { Network } from '../config/config.ts';
import type { DesiredRuleset, ProviderBlock } from './desired.ts';
import { outermost } from './outermost.ts';
import { bounds } from './sets.ts';

/** Something of the desired ruleset that was left out, and why. `subject` is for the log only. */
export interface Omission {
  readonly why:
    | 'bad-network-name'
    | 'bad-interface-name'
    | 'bad-provider'
    | 'bad-prefix'
    | 'bad-element'
    | 'too-many';
  readonly subject: string;
}

/** What did not fit, each once: names of sets, of networks and of providers. */
export function tooMany(omitted: readonly Omission[]): string[] {
  return [...new Set(omitted.filter(({ why }) => why === 'too-many').map(({ subject }) => subject))];
}

/** A network with names that may stand in a ruleset. */
export interface GuardedNetwork {
  readonly name: string;
  readonly of: 'default' | 'iot';
  readonly interfaces: readonly string[];
}

export interface CheckedProvider {
  readonly name: string;
  readonly prefixes: { readonly 4: readonly string[]; readonly 6: readonly string[] };
}

/** What the rules are made from: names that passed, within bounds. */
export interface CheckedStructure {
  readonly guarded: readonly GuardedNetwork[];
  /** Interfaces behind which traffic counts as inside: guarded and ignored. */
  readonly inside: readonly string[];
  readonly upstream: readonly string[];
  /** What lies on the link to the provider itself, canonical text: a modem, other customers. */
  readonly upstreamNets: readonly string[];
  readonly providers: readonly CheckedProvider[];
  readonly refuse: 'reset' | 'drop';
  readonly maskEvents: boolean;
  /** False: the ledgers count, and no other rule is there. */
  readonly holding: boolean;
  /** Some device is quarantined: only then is other traffic than mail looked at. */
  readonly quarantining: boolean;
}

const networkName = /^[A-Za-z0-9_]{1,15}$/;
// No `*`, which would be a wildcard, and no quote, blank or `@`, which would end the word. IFNAMSIZ is 16.
const interfaceName = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/;
const providerName = /^[a-z0-9_]{1,15}$/;

/** Whether the name may stand in a ruleset as an interface's. */
export function isInterfaceName(name: string): boolean {
  return interfaceName.test(name);
}

/** The structure's names checked again here, next to where they are written: what fails is left out and reported. */
export function checkStructure(
  desired: DesiredRuleset,
  omit: (omission: Omission) => void,
): CheckedStructure {
  const seen = new Set<string>();
  const interfacesOf = (network: Network) =>
    network.interfaces.filter((name) => {
      const ok = interfaceName.test(name);
      if (!ok) omit({ why: 'bad-interface-name', subject: name });
      const isNew = !seen.has(name);
      seen.add(name);
      return ok && isNew;
    });
  const guarded: GuardedNetwork[] = [];
  const others: { ignore: string[]; upstream: string[] } = { ignore: [], upstream: [] };
  const names = new Set<string>();
  for (const network of desired.networks) {
    if (network.role !== 'guard') {
      others[network.role].push(...interfacesOf(network));
    } else if (!networkName.test(network.name) || names.has(network.name)) {
      omit({ why: 'bad-network-name', subject: network.name });
    } else if (guarded.length === bounds.networks) {
      omit({ why: 'too-many', subject: network.name });
    } else {
      names.add(network.name);
      const interfaces = interfacesOf(network);
      const of = network.class === 'iot' ? 'iot' : 'default';
      if (interfaces.length > 0) guarded.push({ name: network.name, of, interfaces });
    }
  }
  return {
    guarded,
    inside: [...guarded.flatMap(({ interfaces }) => interfaces), ...others.ignore],
    upstream: others.upstream,
    upstreamNets: upstreamPrefixes(desired.networks).slice(0, bounds.upstreamNets),
    providers: checkProviders(desired.providers, omit),
    refuse: desired.refuse,
    maskEvents: desired.maskEvents,
    holding: desired.holding,
    quarantining: desired.quarantined.length > 0,
  };
}

/** The prefixes of the networks that lead outwards, canonical text. */
export function upstreamPrefixes(networks: readonly Network[]): string[] {
  const outside = networks.filter(({ role }) => role === 'upstream');
  return [...new Set(outside.flatMap(({ prefixes }) => prefixes.map(formatPrefix)))];
}

function checkProviders(
  providers: readonly ProviderBlock[],
  omit: (omission: Omission) => void,
): CheckedProvider[] {
  const checked: CheckedProvider[] = [];
  const names = new Set<string>();
  for (const { name, prefixes } of providers) {
    if (!providerName.test(name) || names.has(name) || checked.length === bounds.providers) {
      omit({ why: checked.length === bounds.providers ? 'too-many' : 'bad-provider', subject: name });
      continue;
    }
    names.add(name);
    const parsed = prefixes.flatMap((text) => {
      const prefix = parsePrefix(text);
      if (!prefix) omit({ why: 'bad-prefix', subject: text });
      return prefix ? [prefix] : [];
    });
    const of = (family: 4 | 6) => {
      const own = outermost(parsed.filter((prefix) => prefix.family === family));
      if (own.length > bounds.providerPrefixes) omit({ why: 'too-many', subject: name });
      return own.slice(0, bounds.providerPrefixes).map(formatPrefix);
    };
    checked.push({ name, prefixes: { 4: of(4), 6: of(6) } });
  }
  return checked;
}
