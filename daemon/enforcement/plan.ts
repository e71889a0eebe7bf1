import type { Omission } from './checked.ts';
import type { DesiredRuleset } from './desired.ts';
import { type Contents, contentsOf } from './elements.ts';
import {
  addChain,
  addElements,
  addLimit,
  addRule,
  addSet,
  addTable,
  type Command,
  deleteElements,
  deleteNamed,
  deleteTable,
  flushRules,
  flushSet,
} from './render-json.ts';
import { type Structure, structureKey, structureOf } from './structure.ts';
import { type Element, type Elements, elementKey } from './table.ts';

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

/** Ends that differ by less are the same: a listing counts in seconds. */
const endToleranceMs = 2000;

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
  const kept = keptOf(applied, structure);
  const delta = deltaCommands(kept, contents, nowMs);
  return {
    commands: [...commands, ...delta],
    next: nextOf(structure, settled(kept, contents, nowMs)),
    isStructural: !isSame,
    omitted,
  };
}

function nextOf(structure: Structure, contents: Contents): Applied {
  const names = (list: readonly { readonly name: string }[]) => new Set(list.map(({ name }) => name));
  const { sets, limits, chains } = structure.model;
  return { structure, contents, sets: names(sets), limits: names(limits), chains: names(chains) };
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

/** Takes out before it puts in: an interval set refuses a prefix around or inside one that is still there. */
function deltaCommands(from: Contents, to: Contents, nowMs: number): Command[] {
  const deletions: Command[] = [];
  const additions: Command[] = [];
  for (const name of new Set([...from.keys(), ...to.keys()])) {
    const before = from.get(name) ?? none;
    const after = to.get(name) ?? none;
    const gone = differing(before, after).filter((element) => isToGo(element, after, nowMs));
    const come = differing(after, before);
    if (gone.length > 0) deletions.push(...deleteElements(name, gone));
    if (come.length > 0) additions.push(addElements(name, come, nowMs));
  }
  return [...deletions, ...additions];
}

const none: Elements = new Map();

/** Elements of the one that the other lacks or has with another end. */
function differing(one: Elements, other: Elements): Element[] {
  const list: Element[] = [];
  for (const [key, element] of one) {
    const same = other.get(key);
    if (!same || !isSameEnd(element, same)) list.push(element);
  }
  return list;
}

/**
 * What the kernel holds after the transaction: the desired elements with the ends they really have, so that small
 * changes cannot add up unnoticed, and those that are about to leave by themselves.
 */
function settled(from: Contents, to: Contents, nowMs: number): Contents {
  const after = new Map(to);
  for (const [name, before] of from) {
    const wanted = to.get(name) ?? none;
    const kept = new Map<string, Element>();
    for (const [key, present] of before) {
      const element = wanted.get(key);
      if (element === undefined ? isLeaving(present, nowMs) : isMoved(present, element))
        kept.set(key, present);
    }
    if (kept.size > 0) after.set(name, new Map([...wanted, ...kept]));
  }
  return after;
}

/**
 * Whether an element must be taken out. One whose time is up leaves by itself, within a second or two since nft counts
 * in seconds; but one that comes back with a new end must go first, since adding it would do nothing while it is there.
 */
function isToGo(element: Element, after: Elements, nowMs: number): boolean {
  const isEnding = element.endMs !== undefined && element.endMs <= nowMs;
  return after.has(elementKey(element.parts)) ? !isOver(element, nowMs) : !isEnding;
}

/** Its time is up, and it leaves by itself at any moment. */
function isLeaving(element: Element, nowMs: number): boolean {
  return element.endMs !== undefined && element.endMs <= nowMs && !isOver(element, nowMs);
}

/** Another end by so little that it is left as it is. */
function isMoved(present: Element, element: Element): boolean {
  return present.endMs !== element.endMs && isSameEnd(present, element);
}

/** Ended long enough ago that the kernel has let go of it. */
function isOver({ endMs }: Element, nowMs: number): boolean {
  return endMs !== undefined && endMs + endToleranceMs <= nowMs;
}

function isSameEnd(one: Element, other: Element): boolean {
  if (one.endMs === undefined || other.endMs === undefined) return one.endMs === other.endMs;
  return Math.abs(one.endMs - other.endMs) < endToleranceMs;
}
