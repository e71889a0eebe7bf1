import { commandBytes } from './budgets.ts';
import type { GuardedNetwork } from './checked.ts';
import { type Kind, keyField, kinds, protocolName } from './kinds.ts';
import { strangerLimits } from './sets.ts';
import { differ, first, goto, match, type Rule, type Statement, update } from './statement.ts';
import type { ChainSpec } from './table.ts';

/**
 * Devices without elements of their own. Each has a budget in a dynamic set, so that one which has used its own up
 * does not use up the others'; behind those stands a plain limit that the whole network's strangers share. A full
 * dynamic set ends its rule unmatched, and the shared limit, which nothing can fill, holds: it fails closed.
 */
export function strangersChain({ name, of }: GuardedNetwork): ChainSpec {
  const own = (kind: Kind, currency: string, when: readonly Statement[]): Rule => [
    ...(kind === 'mac' ? [] : [differ('iiftype', { one: 'ether' })]),
    ...when,
    update(`new_${currency}_${of}_${kind}`, [keyField[kind]]),
    goto('overrun'),
  ];
  const [connections, commands] = strangerLimits(name, of).map(
    (limit): Statement => ({ is: 'limit', name: limit.name }),
  );
  if (!connections || !commands) return { name: `strangers_${name}`, rules: [] };
  return {
    name: `strangers_${name}`,
    rules: [
      ...kinds.map((kind) => own(kind, 'connections', [first])),
      [first, connections, goto('overrun')],
      ...kinds.flatMap((kind) => families(kind).map((family) => own(kind, 'commands', command(family)))),
      ...([4, 6] as const).map((family): Rule => [...command(family), commands, goto('overrun')]),
      [goto('pass')],
    ],
  };
}

function families(kind: Kind): readonly (4 | 6)[] {
  if (kind === 'mac') return [4, 6];
  return kind === 'ip4' ? [4] : [6];
}

function command(family: 4 | 6): readonly Statement[] {
  return [match('nfproto', { one: protocolName[family] }), match('length', { range: commandBytes[family] })];
}
