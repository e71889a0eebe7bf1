import { mailPorts } from '../conntrack/flow.ts';
import { arrivalsRules } from './arrivals.ts';
import type { CheckedStructure, GuardedNetwork } from './checked.ts';
import { guardChain, guardVariants } from './guard-chain.ts';
import { destinationField, type Kind, keyField, kinds, pairs, protocolName, sourceField } from './kinds.ts';
import { refusalsSet } from './sets.ts';
import {
  differ,
  type Field,
  first,
  goto,
  isIn,
  match,
  notIn,
  push,
  type Rule,
  type Statement,
  update,
} from './statement.ts';
import { strangersChain } from './strangers-chain.ts';
import { type ChainSpec, type ElementType, layoutChain, type SetSpec } from './table.ts';

/** Before firewall4 (priority 0), after conntrack and NAT of the destination; an entry is confirmed, and told, behind all. */
const guardPriority = -10;
/** What is left of a mail flow's events; all else (labels, marks, helpers) would only cost. */
const mailEvents = ['new', 'destroy', 'reply', 'assured', 'protoinfo'] as const;

const toMail = match('dport', { any: mailPorts });

/** Every chain of the table, targets of jumps before or after them alike. */
export function chainsOf(structure: CheckedStructure, sets: readonly SetSpec[]): ChainSpec[] {
  const { guarded } = structure;
  return [
    { name: layoutChain, rules: sets.filter(({ fill }) => fill === 'dynamic').map(declaringRule) },
    baseChain('forward', forwardRules(structure)),
    baseChain('input', inputRules(structure)),
    baseChain('output', [...outputRules(structure), ...maskRest(structure)]),
    { name: 'incoming', rules: incomingRules(structure) },
    { name: 'arrivals', rules: arrivalsRules(structure) },
    { name: 'leaving', rules: leavingRules(structure) },
    { name: 'mail', rules: mailRules(structure) },
    { name: 'pass', rules: passRules(structure) },
    ...guarded.map(ledgerChain),
    ...(structure.holding ? holdingChains(structure) : []),
    ...(structure.maskEvents ? [{ name: 'mask', rules: maskRules }] : []),
  ];
}

const baseChain = (hook: 'forward' | 'input' | 'output', rules: readonly Rule[]): ChainSpec => ({
  name: hook,
  base: { hook, priority: guardPriority },
  rules,
});

/**
 * A rule that nothing ever reaches. nft gives a set its `dynamic` flag by itself where a rule that updates it comes in the
 * same transaction, and its JSON has no other way to; without the flag the script could not declare the set again.
 */
function declaringRule({ name, type }: SetSpec): Rule {
  const seen = new Set<ElementType>();
  const key = type.map((of): Field => {
    const isSecond = seen.has(of);
    seen.add(of);
    return declaringField[of][isSecond ? 1 : 0];
  });
  return [update(name, key)];
}

const declaringField: Record<ElementType, readonly [Field, Field]> = {
  ether_addr: ['mac', 'mac'],
  ipv4_addr: ['src4', 'dst4'],
  ipv6_addr: ['src6', 'dst6'],
  inet_service: ['dport', 'dport'],
  ifname: ['iifname', 'iifname'],
};

function holdingChains(structure: CheckedStructure): ChainSpec[] {
  return [
    ...guardVariants.map((variant) => guardChain(variant, structure)),
    ...structure.guarded.map(strangersChain),
    { name: 'overrun', rules: overrunRules() },
    { name: 'refuse', rules: refuseRules(structure.refuse) },
    { name: 'attempts', rules: attemptsRules() },
    { name: 'answers', rules: answersRules() },
    ...(structure.quarantining ? quarantineChains(structure) : []),
  ];
}

/**
 * All that is forwarded comes by here, and nearly nothing of it is mail: so each packet meets as few comparisons as will do,
 * and at one hook instead of three (docs/decisions/0027-one-look-at-a-packet.md).
 */
function forwardRules(structure: CheckedStructure): Rule[] {
  const { guarded, upstream, holding, quarantining } = structure;
  const fromUpstream: Rule = [match('iifname', { any: upstream }), goto('incoming')];
  const quarantined: Rule = [...leavesHome(structure), { is: 'jump', chain: 'quarantined' }];
  return [
    ...(upstream.length > 0 ? [fromUpstream] : []),
    ...(guarded.length > 0 ? [[toMail, goto('leaving')]] : []),
    ...(guarded.length > 0 && holding && quarantining ? [quarantined] : []),
    ...maskRest(structure),
    ...cutRules(structure),
  ];
}

/** What comes from upstream and is forwarded. A first packet from there is nobody's answer. */
function incomingRules(structure: CheckedStructure): Rule[] {
  if (structure.upstream.length === 0) return [];
  return [[{ is: 'jump', chain: 'arrivals' }], ...maskRest(structure), ...cutRules(structure)];
}

/** What is for the router itself. Neighbours on the link shout: only what is for us alone counts as an arrival. */
function inputRules(structure: CheckedStructure): Rule[] {
  const { upstream } = structure;
  const arrival: Rule = [
    match('iifname', { any: upstream }),
    match('pkttype', { one: 'host' }),
    { is: 'jump', chain: 'arrivals' },
  ];
  return [...(upstream.length > 0 ? [arrival] : []), ...maskRest(structure)];
}

/** From a guarded network to anywhere that is not inside; so never LAN to LAN, never the router's services. */
function leavesHome({ guarded, inside }: CheckedStructure): Statement[] {
  const from = guarded.flatMap(({ interfaces }) => interfaces);
  return [match('iifname', { any: from }), differ('oifname', { any: inside })];
}

/** Servers' packets; see {@link answersRules}. */
function cutRules({ guarded, holding }: CheckedStructure): Rule[] {
  return guarded.length > 0 && holding ? [[match('sport', { any: mailPorts }), push, goto('answers')]] : [];
}

/**
 * The replies of servers whose flow was cut are answered with a reset whatever `refuse` says, the first excepted (see
 * `firstReply`): it is for the server only.
 */
function answersRules(): Rule[] {
  const cut = (family: 4 | 6): Rule => [
    isIn([destinationField[family], 'dport', sourceField[family], 'sport'], `cuts${family}`),
    { is: 'reset' },
  ];
  return [cut(4), cut(6)];
}

/** The router's own mail: counted, never refused. */
function outputRules({ upstream }: CheckedStructure): Rule[] {
  if (upstream.length === 0) return [];
  const count = (set: string, source: 'src4' | 'src6'): Rule => [
    match('oifname', { any: upstream }),
    toMail,
    first,
    update(set, [source, 'dport']),
  ];
  return [count('ledger_router4', 'src4'), count('ledger_router6', 'src6')];
}

/** Mail that is forwarded, and not from upstream. */
function leavingRules(structure: CheckedStructure): Rule[] {
  if (structure.guarded.length === 0) return [];
  const events: Rule = [{ is: 'unconfirmed' }, { is: 'events', which: mailEvents }];
  return [...(structure.maskEvents ? [events] : []), [...leavesHome(structure), goto('mail')]];
}

/** The chain that fits link and family; while nothing is held, every connection passes. */
function mailRules({ holding }: CheckedStructure): Rule[] {
  if (!holding) return [[goto('pass')]];
  return guardVariants.map((variant): Rule => [...variant.when, goto(variant.name)]);
}

/**
 * The ledger of connections that pass, each counted once: what conntrack makes an event of, and nothing else. What is
 * refused is counted in the attempts, so that the two never speak of the same connection.
 */
function passRules({ guarded }: CheckedStructure): Rule[] {
  const to = guarded.flatMap(({ name, interfaces }) =>
    interfaces.map((interfaceName) => [interfaceName, `ledger_${name}`] as const),
  );
  return to.length > 0 ? [[first, { is: 'dispatch', field: 'iifname', to, by: 'goto' }]] : [];
}

/** New connections by device and source address; strangers apart, so that invented MACs push nobody out. */
function ledgerChain({ name: network }: GuardedNetwork): ChainSpec {
  const rules = pairs.flatMap(({ name, kind, family }): Rule[] => {
    const source = family === 4 ? 'src4' : 'src6';
    const family_ = match('nfproto', { one: protocolName[family] });
    const when = kind === 'mac' ? [family_] : [...withoutEthernet, family_];
    const key = kind === 'mac' ? (['mac', source, 'dport'] as const) : ([source, 'dport'] as const);
    return [
      [...when, isIn(keyField[kind], `known_${kind}`), update(`ledger_${name}_${network}`, key)],
      [...when, notIn(keyField[kind], `known_${kind}`), update(`ledger_new_${name}_${network}`, key)],
    ];
  });
  return { name: `ledger_${network}`, rules };
}

const withoutEthernet: readonly Statement[] = [differ('iiftype', { one: 'ether' })];

/** Whose budget is used up, known devices and strangers apart; then the refusal. */
function overrunRules(): Rule[] {
  const count = (kind: Kind): Rule[] => [
    [isIn(keyField[kind], `known_${kind}`), update(`overruns_${kind}`, [keyField[kind]])],
    [
      ...(kind === 'mac' ? [] : withoutEthernet),
      notIn(keyField[kind], `known_${kind}`),
      update(`overruns_new_${kind}`, [keyField[kind]]),
    ],
  ];
  return [...kinds.flatMap(count), [goto('refuse')]];
}

/** No established-accept anywhere: this is the cut of live sessions too. */
function refuseRules(refuse: 'reset' | 'drop'): Rule[] {
  return [[first, { is: 'jump', chain: 'attempts' }], [{ is: refuse }]];
}

/**
 * Refused new connections by device and destination, since the kernel makes no event of them. A host known by its
 * address (behind another router, or without Ethernet) counts under the address, all others under their MAC.
 */
function attemptsRules(): Rule[] {
  const byDevice = pairs.flatMap(({ name, kind, family }): Rule[] => {
    const key = [keyField[kind], family === 4 ? 'dst4' : 'dst6', 'dport'] as const;
    const address = family === 4 ? 'ip4' : 'ip6';
    const notByAddress = notIn(keyField[address], `known_${address}`);
    if (kind !== 'mac') {
      return [
        [isIn(keyField[kind], `known_${kind}`), update(`attempts_${name}`, key)],
        [...withoutEthernet, notByAddress, update(`attempts_new_${name}`, key)],
      ];
    }
    return [
      [notByAddress, isIn('mac', 'known_mac'), update(`attempts_${name}`, key)],
      [notByAddress, notIn('mac', 'known_mac'), update(`attempts_new_${name}`, key)],
    ];
  });
  return [[update(refusalsSet, ['dport'])], ...byDevice];
}

/** A quarantined device's traffic other than mail; the chains are there while a device is. */
function quarantineChains({ refuse }: CheckedStructure): ChainSpec[] {
  const devices = kinds.map((kind): Rule => [isIn(keyField[kind], `quarantined_${kind}`), goto('expel')]);
  return [
    { name: 'quarantined', rules: devices },
    { name: 'expel', rules: expelRules(refuse) },
  ];
}

function expelRules(refuse: 'reset' | 'drop'): Rule[] {
  if (refuse === 'drop') return [[{ is: 'drop' }]];
  return [[match('l4proto', { one: 'tcp' }), { is: 'reset' }], [{ is: 'prohibit' }]];
}

/** Leaves conntrack events to mail flows alone. Must see the first packet of every flow, forwarded or the router's own. */
const maskRest = ({ maskEvents }: CheckedStructure): Rule[] =>
  maskEvents ? [[{ is: 'unconfirmed' }, goto('mask')]] : [];

const maskRules: readonly Rule[] = [
  [toMail, { is: 'events', which: mailEvents }, { is: 'accept' }],
  [{ is: 'events', which: [] }],
];
