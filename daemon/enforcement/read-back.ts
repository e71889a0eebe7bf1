import type { DeviceKey } from '../address/device-key.ts';
import { parseDeviceKey } from '../address/device-key.ts';
import type { HeldDevice } from './desired.ts';
import type { Contents } from './elements.ts';
import { kinds } from './kinds.ts';
import { type ListedElement, type ListedObject, setsAmong } from './listing.ts';
import type { Applied } from './plan.ts';
import type { LedgerRow } from './reading.ts';
import { type Hold, holds, isDynamicSet } from './sets.ts';
import { type Element, type Elements, elementKey, layoutChain } from './table.ts';

/** A listed element as one of ours; the seconds are rounded down there, so half of one is added. */
export function elementOf({ parts, expiresS }: ListedElement, nowMs: number): Element {
  return expiresS === undefined ? { parts } : { parts, endMs: nowMs + expiresS * 1000 + 500 };
}

/** The elements of the sets that the daemon fills, but for prefixes of providers, as listed. */
export function listedContents(objects: readonly ListedObject[], nowMs: number): Contents {
  const contents = new Map<string, Elements>();
  for (const { name, elements } of setsAmong(objects).sets.values()) {
    if (isDynamicSet(name) || name.startsWith('provider_')) continue;
    contents.set(
      name,
      new Map(elements.map((listed) => [elementKey(listed.parts), elementOf(listed, nowMs)])),
    );
  }
  return contents;
}

/**
 * What a full listing of our table shows to be there, to plan from: elements are kept, rules are written anew.
 * Undefined where there is no table, or one of another layout, which must be built anew.
 */
export function appliedFrom(objects: readonly ListedObject[], nowMs: number): Applied | undefined {
  const names = (kind: string) =>
    new Set(objects.flatMap(({ kind: own, value }) => (own === kind ? [String(value['name'])] : [])));
  const chains = names('chain');
  if (!chains.has(layoutChain)) return undefined;
  return { chains, sets: names('set'), limits: names('limit'), contents: listedContents(objects, nowMs) };
}

/** Who is held how, and until when: what a restarted daemon adopts. */
export type Adopted = Readonly<Record<Hold, readonly HeldDevice[]>>;

/** What a daemon that starts finds: who is held (undefined: there is no table), and what the ledger has counted so far. */
export interface Adoption {
  readonly held: Adopted | undefined;
  readonly ledger: readonly LedgerRow[];
}

/** The bans among the listed elements. */
export function adoptedFrom(contents: Contents): Adopted {
  const heldIn = (hold: Hold): HeldDevice[] =>
    kinds.flatMap((kind) =>
      [...(contents.get(`${hold}_${kind}`)?.values() ?? [])].flatMap(({ parts, endMs }) => {
        const key: DeviceKey | undefined = parseDeviceKey(String(parts[0]));
        return key === undefined ? [] : [endMs === undefined ? { key } : { key, endMs }];
      }),
    );
  return Object.fromEntries(holds.map((hold) => [hold, heldIn(hold)])) as Record<Hold, HeldDevice[]>;
}
