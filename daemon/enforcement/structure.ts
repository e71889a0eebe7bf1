import { chainsOf } from './chains.ts';
import { type CheckedStructure, checkStructure, type Omission, upstreamPrefixes } from './checked.ts';
import type { DesiredRuleset } from './desired.ts';
import type { Contents } from './elements.ts';
import { setsOf, strangerLimits } from './sets.ts';
import { elementKey, type SetSpec, type TableModel } from './table.ts';

/** The part of the table that changes rarely, with the names of its providers. */
export interface Structure {
  /** Equal exactly where the parts of the desired ruleset that it is made from are equal. */
  readonly key: string;
  readonly model: TableModel;
  /** Names of the model's parts: asked for at every ban. */
  readonly names: {
    readonly sets: ReadonlySet<string>;
    readonly limits: ReadonlySet<string>;
    readonly chains: ReadonlySet<string>;
  };
  /** The model's sets by name. */
  readonly specs: ReadonlyMap<string, SetSpec>;
  readonly providers: ReadonlySet<string>;
  /** The providers' prefixes, which change only with the structure. */
  readonly prefixes: Contents;
  readonly omitted: readonly Omission[];
}

/** What a structure is made from, as text; cheap, since it is asked before every change. */
export function structureKey(desired: DesiredRuleset): string {
  const { networks, refuse, holding, maskEvents, providers, quarantined } = desired;
  const names = networks.map(({ name, role, class: of, interfaces }) => [name, role, of ?? '', interfaces]);
  return JSON.stringify([
    refuse,
    holding,
    maskEvents,
    quarantined.length > 0,
    names,
    upstreamPrefixes(networks),
    providers.map(({ name, prefixes }) => [name, prefixes]),
  ]);
}

/** Sets, limits and chains with their rules for a desired ruleset, and what of it was left out. */
export function structureOf(desired: DesiredRuleset): Structure {
  const omitted: Omission[] = [];
  const checked = checkStructure(desired, (omission) => omitted.push(omission));
  const model = modelOf(checked);
  const names = (list: readonly { readonly name: string }[]) => new Set(list.map(({ name }) => name));
  return {
    key: structureKey(desired),
    model,
    names: { sets: names(model.sets), limits: names(model.limits), chains: names(model.chains) },
    specs: new Map(model.sets.map((spec) => [spec.name, spec])),
    providers: new Set(checked.providers.map(({ name }) => name)),
    prefixes: prefixesOf(checked),
    omitted,
  };
}

function modelOf(checked: CheckedStructure): TableModel {
  const { guarded, providers } = checked;
  const sets = setsOf(
    guarded.map(({ name }) => name),
    providers.map(({ name }) => name),
  );
  return {
    sets,
    limits: guarded.flatMap(({ name, of }) => strangerLimits(name, of)),
    chains: chainsOf(checked, sets),
  };
}

function prefixesOf({ providers }: CheckedStructure): Contents {
  const entries = providers.flatMap(({ name, prefixes }) =>
    ([4, 6] as const).map((family) => {
      const elements = prefixes[family].map((prefix) => [elementKey([prefix]), { parts: [prefix] }] as const);
      return [`provider_${name}${family}`, new Map(elements)] as const;
    }),
  );
  return new Map(entries);
}
