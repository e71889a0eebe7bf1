import { commandBytes } from './budgets.ts';
import type { CheckedStructure } from './checked.ts';
import {
  destinationField,
  type Family,
  type Kind,
  keyField,
  pairOf,
  protocolName,
  sourceField,
} from './kinds.ts';
import { budgetClasses } from './sets.ts';
import {
  differ,
  first,
  goto,
  greeted,
  isIn,
  match,
  notIn,
  push,
  type Rule,
  type Statement,
  update,
} from './statement.ts';
import type { ChainSpec } from './table.ts';

/** Where every packet goes that may pass: there, and only there, its connection is counted. */
const pass = goto('pass');

/** One straight-line chain: the packets it is for, and by which kinds of key it knows their device. */
export interface GuardVariant {
  readonly name: string;
  readonly family: Family;
  readonly kinds: readonly [Kind, ...Kind[]];
  readonly when: readonly Statement[];
}

/**
 * With Ethernet both the MAC's and the address's sets hold (a host behind another router has only the latter of its
 * own); without it only the address's, since a rule that asks for a MAC there ends unmatched.
 */
export const guardVariants: readonly GuardVariant[] = ([4, 6] as const).flatMap((family) => {
  const address = family === 4 ? 'ip4' : 'ip6';
  const protocol = match('nfproto', { one: protocolName[family] });
  return [
    {
      name: `ether${family}`,
      family,
      kinds: ['mac', address],
      when: [match('iiftype', { one: 'ether' }), protocol],
    },
    {
      name: `addr${family}`,
      family,
      kinds: [address],
      when: [differ('iiftype', { one: 'ether' }), protocol],
    },
  ] as const;
});

/**
 * The order of precedence, from the first rule that decides: quarantined, exempt, blocked, relays, restricted, slowed,
 * released, strict, budgets, openings, known, strangers. Every packet passes, of live sessions too, so that a ban cuts them.
 */
export function guardChain(variant: GuardVariant, structure: CheckedStructure): ChainSpec {
  const { family } = variant;
  const refused = (hold: string) => each(variant, (kind) => [inHold(kind, hold), goto('refuse')]);
  const command = match('length', { range: commandBytes[family] });
  const rules = [
    ...refused('quarantined'),
    ...exemptRules(variant),
    ...refused('blocked'),
    ...relayRules(variant, structure),
    ...refused('restricted'),
    ...each(variant, (kind) => [command, inHold(kind, 'slowed'), goto('overrun')]),
    ...each(variant, (kind) => [inHold(kind, 'released'), pass]),
    ...strictRules(variant, structure),
    ...budgetClasses.flatMap((of) =>
      each(variant, (kind) => [first, inHold(kind, `connections_${of}`), goto('overrun')]),
    ),
    ...budgetClasses.flatMap((of) =>
      each(variant, (kind) => [command, inHold(kind, `commands_${of}`), goto('overrun')]),
    ),
    openingRule(variant),
    ...each(variant, (kind) => [inHold(kind, 'known'), pass]),
    ...strangerRules(structure),
  ];
  return { name: variant.name, rules };
}

function each({ kinds }: GuardVariant, rule: (kind: Kind) => Rule): Rule[] {
  return kinds.map(rule);
}

function inHold(kind: Kind, hold: string): Statement {
  return isIn(keyField[kind], `${hold}_${kind}`);
}

/** Declared mail servers: interface and device must fit, and the address too where it is fixed. */
function exemptRules({ kinds, family }: GuardVariant): Rule[] {
  const source = sourceField[family];
  const byMac: Rule[] = [
    [isIn(['iifname', 'mac'], 'exempt_mac'), pass],
    [isIn(['iifname', 'mac', source], `exempt_mac_ip${family}`), pass],
  ];
  const byAddress: Rule[] = [[isIn(['iifname', source], `exempt_ip${family}`), pass]];
  if (family === 6) byAddress.push([isIn(['iifname', 'net6'], 'exempt_net6'), pass]);
  return [...(kinds.includes('mac') ? byMac : []), ...byAddress];
}

/** Single addresses by hash, prefixes by interval, providers by who may use them. */
function relayRules(variant: GuardVariant, { providers }: CheckedStructure): Rule[] {
  const { family } = variant;
  const destination = destinationField[family];
  const own = variant.kinds.flatMap((kind): Rule[] => {
    const pair = pairOf(kind, family);
    if (!pair) return [];
    const key = [keyField[kind], destination, 'dport'] as const;
    return [
      [isIn(key, `relays_${pair.name}`), pass],
      [isIn(key, `relay_nets_${pair.name}`), pass],
    ];
  });
  const shared = providers
    .filter(({ prefixes }) => prefixes[family].length > 0)
    .flatMap(({ name }) =>
      each(variant, (kind) => [
        isIn([keyField[kind], 'dport'], `users_${name}_${kind}`),
        isIn(destination, `provider_${name}${family}`),
        pass,
      ]),
    );
  return [...own, ...shared];
}

/** Port 25 to known relays only: devices by name, and whole networks except for whom the owner gave another class. */
function strictRules(variant: GuardVariant, { guarded }: CheckedStructure): Rule[] {
  const relay = match('dport', { one: 25 });
  const interfaces = guarded.filter(({ of }) => of === 'iot').flatMap((network) => network.interfaces);
  const devices = each(variant, (kind) => [relay, inHold(kind, 'strict'), goto('refuse')]);
  if (interfaces.length === 0) return devices;
  const lenient = variant.kinds.map((kind) => notIn(keyField[kind], `lenient_${kind}`));
  return [...devices, [relay, match('iifname', { any: interfaces }), ...lenient, goto('refuse')]];
}

/**
 * Gives the daemon time: what would begin a third session at once is dropped, without a refusal, and is sent again by the
 * device's TCP after 0.2 s, 0.6 s and so on.
 */
function openingRule({ kinds }: GuardVariant): Rule {
  const [kind] = kinds;
  return [
    match('dport', { one: 25 }),
    greeted,
    push,
    update(`openings_${kind}`, [keyField[kind]]),
    { is: 'drop' },
  ];
}

function strangerRules({ guarded }: CheckedStructure): Rule[] {
  const to = guarded.flatMap(({ name, interfaces }) =>
    interfaces.map((interfaceName) => [interfaceName, `strangers_${name}`] as const),
  );
  return to.length > 0 ? [[{ is: 'dispatch', field: 'iifname', to, by: 'goto' }]] : [];
}
