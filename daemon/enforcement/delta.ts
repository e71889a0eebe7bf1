import type { Contents } from './elements.ts';
import { addElements, addToSet, type Command, deleteElements } from './render-json.ts';
import type { Element, Elements, SetSpec } from './table.ts';

/** Elements to take out and put in, and what the sets hold afterwards. */
export interface Delta {
  readonly commands: readonly Command[];
  readonly contents: Contents;
}

/** Ends that differ by less are the same: a listing counts in seconds. The kernel is never later than this, either. */
const toleranceMs = 2000;
const none: Elements = new Map();

/**
 * The least change of elements from what the sets hold to what they should. All deletions come before all additions: an
 * interval set refuses a prefix around or inside one that is still there. `there` are the sets that are known to exist
 * as declared.
 */
export function deltaOf(
  from: Contents,
  to: Contents,
  there: ReadonlyMap<string, SetSpec>,
  nowMs: number,
): Delta {
  const deletions: Command[] = [];
  const additions: Command[] = [];
  const contents = new Map<string, Elements>();
  for (const name of new Set([...from.keys(), ...to.keys()])) {
    const [before, wanted] = [from.get(name), to.get(name)];
    if (before === wanted && wanted) {
      contents.set(name, wanted);
      continue;
    }
    const { gone, come, after } = changeOf(name, before ?? none, wanted ?? none, nowMs);
    if (gone.length > 0) deletions.push(...deleteElements(name, gone));
    const spec = there.get(name);
    if (come.length > 0) additions.push(spec ? addToSet(spec, come, nowMs) : addElements(name, come, nowMs));
    if (after.size > 0) contents.set(name, after);
  }
  return { commands: [...deletions, ...additions], contents };
}

/**
 * One set's change. What is there with nearly the desired end stays, and is remembered with the end it has, so that
 * small moves cannot add up. What is not desired any more and has come to its end leaves by itself within the second,
 * which saves a transaction; but should it come back with a new end in that second, it is taken out first, since
 * adding does nothing while it is there. Prefixes are always taken out: they would be in the way of others.
 */
function changeOf(name: string, before: Elements, wanted: Elements, nowMs: number) {
  const gone: Element[] = [];
  const come: Element[] = [];
  const leaving: (readonly [string, Element])[] = [];
  const canLinger = !name.startsWith('relay_nets_');
  for (const [key, element] of before) {
    if (isOver(element, nowMs)) continue;
    const next = wanted.get(key);
    if (next ? isStill(element, next, nowMs) : false) continue;
    if (!next && canLinger && isEnding(element, nowMs)) leaving.push([key, element]);
    else gone.push(element);
  }
  let isOther = leaving.length > 0;
  const after = new Map<string, Element>(leaving);
  for (const [key, element] of wanted) {
    const present = before.get(key);
    const stays = present && isStill(present, element, nowMs) ? present : undefined;
    if (!stays) come.push(element);
    else if (stays.endMs !== element.endMs) isOther = true;
    after.set(key, stays ?? element);
  }
  return { gone, come, after: isOther ? after : wanted };
}

/** Its time is up: it leaves at any moment. */
function isEnding({ endMs }: Element, nowMs: number): boolean {
  return endMs !== undefined && endMs <= nowMs;
}

/** Ended long enough ago that the kernel has let go of it. */
function isOver({ endMs }: Element, nowMs: number): boolean {
  return endMs !== undefined && endMs + toleranceMs <= nowMs;
}

/** What is there, and goes on to be, serves as what is desired. */
function isStill(present: Element, wanted: Element, nowMs: number): boolean {
  if (present.endMs === undefined || wanted.endMs === undefined) return present.endMs === wanted.endMs;
  return !isEnding(present, nowMs) && Math.abs(present.endMs - wanted.endMs) < toleranceMs;
}
