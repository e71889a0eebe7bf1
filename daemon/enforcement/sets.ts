import { deviceBudgets, firstReply, openings, slowedCommands, strangerBudgets } from './budgets.ts';
import { addressType, keyType, kinds, pairs } from './kinds.ts';
import type { SetSpec } from './table.ts';

/** The lists of DesiredRuleset that hold devices, strongest first; each is one set per key kind, `blocked_mac`. */
export const holds = [
  'quarantined',
  'blocked',
  'restricted',
  'slowed',
  'released',
  'strict',
  'lenient',
] as const;
export type Hold = (typeof holds)[number];

/** Budget classes of devices and of networks. */
export const budgetClasses = ['default', 'iot'] as const;

/**
 * The most each kind of set holds. Where the daemon fills it, what is above the bound is left out from the end
 * and reported as `too-many`. Where packets fill it, what is above is not counted, and the set is reported as
 * full: rules behind a full set still hold, since none of them is reached through it alone.
 */
export const bounds = {
  /** Each of `holds`, by kind: the bans. */
  held: 512,
  /** Devices with elements of their own. */
  known: 512,
  exempt: 64,
  /** Tuples of flows that were cut, by family. */
  cuts: 1024,
  /** All relays together, and each set of single addresses. */
  relays: 4096,
  /** Relays given as prefixes, by pair. */
  relayNets: 1024,
  /** Devices times ports that may use one provider, by kind. */
  users: 512,
  providers: 16,
  /** Prefixes of one provider in one family. */
  providerPrefixes: 512,
  networks: 16,
  /** Prefixes on the links outwards. */
  upstreamNets: 16,
  /** Kernel interfaces of one role. */
  interfaces: 64,
  /** A ledger of known devices, by pair; with the strangers' 2,048 a network of one link type. */
  ledger: 768,
  ledgerNew: 256,
  ledgerRouter: 1024,
  attempts: 1024,
  attemptsNew: 256,
  /** One element a mail port. */
  refusals: 8,
  overruns: 512,
  /** Strangers with a budget of their own; beyond it their network's shared limit holds them. */
  strangers: 512,
  /** Known devices and strangers alike; beyond it a new one does not have to wait. */
  openings: 1024,
} as const;

const counter = 'counter' as const;
const nothing = 'nothing' as const;

/** Refused new connections by port: tells in one small listing whether the attempts sets changed. */
export const refusalsSet = 'refusals';

/** Sets that every table has, whatever its networks and providers. */
function commonSets(): SetSpec[] {
  const sets: SetSpec[] = [];
  const add = (
    name: string,
    type: SetSpec['type'],
    size: number,
    fill: SetSpec['fill'],
    each: SetSpec['each'] = nothing,
    interval = false,
  ) => sets.push({ name, type, size, fill, interval, each });
  for (const kind of kinds) {
    const type = keyType[kind];
    for (const hold of holds) {
      // `lenient` is asked for its absence and `released` accepts: neither has hits worth counting.
      const plain = hold === 'lenient' || hold === 'released';
      const each = hold === 'slowed' ? { limit: slowedCommands } : plain ? nothing : counter;
      add(`${hold}_${kind}`, [type], bounds.held, 'held', each);
    }
    add(`known_${kind}`, [type], bounds.known, 'fixed');
    for (const of of budgetClasses) {
      add(`connections_${of}_${kind}`, [type], bounds.known, 'fixed', {
        limit: deviceBudgets[of].connections,
      });
      add(`commands_${of}_${kind}`, [type], bounds.known, 'fixed', { limit: deviceBudgets[of].commands });
      // A stranger's own budget is a known device's; the shared limit behind it is strangerBudgets.
      add(`new_connections_${of}_${kind}`, [type], bounds.strangers, 'dynamic', {
        limit: deviceBudgets[of].connections,
      });
      add(`new_commands_${of}_${kind}`, [type], bounds.strangers, 'dynamic', {
        limit: deviceBudgets[of].commands,
      });
    }
    add(`openings_${kind}`, [type], bounds.openings, 'dynamic', { limit: openings });
    add(`overruns_${kind}`, [type], bounds.overruns, 'dynamic', counter);
    add(`overruns_new_${kind}`, [type], bounds.overruns, 'dynamic', counter);
  }
  for (const { name, kind, family } of pairs) {
    const triple = [keyType[kind], addressType[family], 'inet_service'] as const;
    add(`relays_${name}`, triple, bounds.relays, 'held');
    add(`relay_nets_${name}`, triple, bounds.relayNets, 'held', nothing, true);
    add(`attempts_${name}`, triple, bounds.attempts, 'dynamic', counter);
    add(`attempts_new_${name}`, triple, bounds.attemptsNew, 'dynamic', counter);
  }
  for (const family of [4, 6] as const) {
    const address = addressType[family];
    add(`cuts${family}`, [address, 'inet_service', address, 'inet_service'], bounds.cuts, 'held', {
      limit: firstReply,
    });
    add(`exempt_mac_ip${family}`, ['ifname', 'ether_addr', address], bounds.exempt, 'fixed');
    add(`exempt_ip${family}`, ['ifname', address], bounds.exempt, 'fixed');
    add(`ledger_router${family}`, [address, 'inet_service'], bounds.ledgerRouter, 'dynamic', counter);
  }
  add(refusalsSet, ['inet_service'], bounds.refusals, 'dynamic', counter);
  add('exempt_mac', ['ifname', 'ether_addr'], bounds.exempt, 'fixed');
  add('exempt_net6', ['ifname', 'ipv6_addr'], bounds.exempt, 'fixed');
  return sets;
}

/** The ledgers of one guarded network. */
function networkSets(network: string): SetSpec[] {
  return pairs.flatMap(({ name, kind, family }) => {
    const type =
      kind === 'mac'
        ? (['ether_addr', addressType[family], 'inet_service'] as const)
        : ([addressType[family], 'inet_service'] as const);
    const ledger = { type, fill: 'dynamic', interval: false, each: counter } as const;
    return [
      { ...ledger, name: `ledger_${name}_${network}`, size: bounds.ledger },
      { ...ledger, name: `ledger_new_${name}_${network}`, size: bounds.ledgerNew },
    ];
  });
}

/** One provider's prefixes, and who may use them at which port. */
function providerSets(provider: string): SetSpec[] {
  const prefixes = ([4, 6] as const).map((family): SetSpec => {
    const type = [addressType[family]] as const;
    return {
      name: `provider_${provider}${family}`,
      type,
      size: bounds.providerPrefixes,
      fill: 'fixed',
      interval: true,
      each: nothing,
    };
  });
  const users = kinds.map((kind): SetSpec => {
    const type = [keyType[kind], 'inet_service'] as const;
    return {
      name: `users_${provider}_${kind}`,
      type,
      size: bounds.users,
      fill: 'held',
      interval: false,
      each: nothing,
    };
  });
  return [...prefixes, ...users];
}

const common: readonly SetSpec[] = commonSets();

/** Every set of the table. Names are taken as checked. */
export function setsOf(networks: readonly string[], providers: readonly string[]): SetSpec[] {
  return [...common, ...networks.flatMap(networkSets), ...providers.flatMap(providerSets)];
}

/** The named limits that all strangers of one network share; the class is in the name, since a limit cannot change its rate. */
export function strangerLimits(network: string, of: 'default' | 'iot') {
  const { connections, commands } = strangerBudgets[of];
  return [
    { name: `strangers_connections_${of}_${network}`, rate: connections },
    { name: `strangers_commands_${of}_${network}`, rate: commands },
  ];
}

const dynamicName = /^(?:(?:ledger|attempts|overruns|openings|new)_|refusals$)/;

/** Whether packets fill the set of this name, rather than the daemon. */
export function isDynamicSet(name: string): boolean {
  return dynamicName.test(name);
}
