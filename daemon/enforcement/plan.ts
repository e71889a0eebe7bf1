import { arrivalsCounter } from './arrivals.ts';
import type { Omission } from './checked.ts';
import { deltaOf } from './delta.ts';
import type { DesiredRuleset } from './desired.ts';
import { type Contents, contentsOf } from './elements.ts';
import {
  addChain,
  addCounter,
  addElements,
  addLimit,
  addRule,
  addSet,
  addTable,
  type Command,
  deleteNamed,
  deleteTable,
  flushRules,
  flushSet,
} from './render-json.ts';
import { type Structure, structureKey, structureOf } from './structure.ts';

/** What the kernel is believed to hold: after a transaction of ours, or as read back. */
export interface Applied {
  /** Absent where the table was read back: its rules are unknown and will be written anew. */
  readonly structure?: Structure;
  readonly chains: ReadonlySet<string>;
  readonly sets: ReadonlySet<string>;
  readonly limits: ReadonlySet<string>;
  readonly contents: Contents;
}

/** One transaction; `commands` is empty where nothing differs. */
export interface Plan {
  readonly commands: readonly Command[];
  readonly next: Applied;
  /** Rules are written, not only elements. */
  readonly isStructural: boolean;
  readonly omitted: readonly Omission[];
}

/**
 * The least that leads from what is applied to what is desired. Where nothing is known to be there (`undefined`), the
 * table is removed if it exists and built anew. Else the sets that packets fill, and the limits' state, are kept.
 */
export function plan(applied: Applied | undefined, desired: DesiredRuleset, nowMs: number): Plan {
  const isSame = applied?.structure !== undefined && applied.structure.key === structureKey(desired);
  const structure = isSame && applied?.structure ? applied.structure : structureOf(desired);
  const omitted = [...structure.omitted];
  const contents = contentsOf(desired, structure.providers, nowMs, (omission) => omitted.push(omission));
  const commands: Command[] = isSame ? [] : structureCommands(applied, structure);
  const kept = isSame && applied ? applied.contents : keptOf(applied, structure);
  const delta = deltaOf(kept, contents, isSame ? structure.specs : new Map(), nowMs);
  return {
    commands: [...commands, ...delta.commands],
    next: nextOf(structure, delta.contents),
    isStructural: !isSame,
    omitted,
  };
}

function nextOf(structure: Structure, contents: Contents): Applied {
  return { structure, contents, ...structure.names };
}

/** Elements that are there and whose set stays. */
function keptOf(applied: Applied | undefined, { model }: Structure): Contents {
  if (!applied) return new Map();
  const isDesired = new Set(model.sets.filter(({ fill }) => fill !== 'dynamic').map(({ name }) => name));
  return new Map([...applied.contents].filter(([name]) => isDesired.has(name)));
}

function structureCommands(applied: Applied | undefined, { model, prefixes }: Structure): Command[] {
  const fresh: Command[] = [addTable, deleteTable, addTable];
  const again: Command[] = [addTable, flushRules];
  return [
    ...(applied ? again : fresh),
    addCounter(arrivalsCounter),
    ...obsolete('chain', applied?.chains, model.chains),
    ...obsolete('set', applied?.sets, model.sets),
    ...obsolete('limit', applied?.limits, model.limits),
    ...model.sets.filter(({ name }) => !applied?.sets.has(name)).map(addSet),
    ...model.limits.filter(({ name }) => !applied?.limits.has(name)).map(addLimit),
    ...model.chains.map(addChain),
    ...model.chains.flatMap(({ name, rules }) => rules.map((rule) => addRule(name, rule))),
    ...[...prefixes].flatMap(([name, elements]) => [
      flushSet(name),
      ...(elements.size > 0 ? [addElements(name, [...elements.values()], 0)] : []),
    ]),
  ];
}

function obsolete(
  what: 'chain' | 'set' | 'limit',
  there: ReadonlySet<string> | undefined,
  desired: readonly { readonly name: string }[],
): Command[] {
  const wanted = new Set(desired.map(({ name }) => name));
  return [...(there ?? [])].filter((name) => !wanted.has(name)).map((name) => deleteNamed(what, name));
}
