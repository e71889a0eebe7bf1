import { arrivalsCounter } from './arrivals.ts';
import type { DesiredRuleset, HeldDevice } from './desired.ts';
import { type Contents, contentsOf } from './elements.ts';
import { chainText, elementsText, limitText, setText } from './render-text.ts';
import { holds } from './sets.ts';
import { structureOf } from './structure.ts';
import { type Element, tableName } from './table.ts';

/** Elements a line: keeps lines readable and the parser's work bounded. */
const perLine = 64;

/**
 * The table as an nft script, from the same model as the daemon's transactions: for loading before the daemon runs,
 * any number of times. It declares the table, takes its rules out and puts them in again; elements that are there
 * stay, and those of `desired` are added with the time that is left at `nowMs`.
 */
export function staticScript(desired: DesiredRuleset, nowMs: number): string {
  const { model, prefixes, providers } = structureOf(desired);
  const contents = contentsOf(afterRestart(desired), providers, nowMs, () => undefined);
  const body = [
    `counter ${arrivalsCounter} {`,
    '}',
    ...model.limits.flatMap(limitText),
    ...model.sets.flatMap(setText),
    ...model.chains.flatMap(chainText),
  ].map((line) => `  ${line}`);
  return [
    `table inet ${tableName} {`,
    '}',
    `flush table inet ${tableName}`,
    `table inet ${tableName} {`,
    ...body,
    '}',
    ...[...prefixes.keys()].map((name) => `flush set inet ${tableName} ${name}`),
    ...elementLines(prefixes, nowMs),
    ...elementLines(contents, nowMs),
    '',
  ].join('\n');
}

/** Without what is only until the router restarts: the script is for after that. */
function afterRestart(desired: DesiredRuleset): DesiredRuleset {
  const lasting = <T extends { readonly endMs?: number }>(list: readonly T[]) =>
    list.filter(({ endMs }) => endMs !== Number.POSITIVE_INFINITY);
  const lists = holds.map((hold) => [hold, lasting<HeldDevice>(desired[hold])]);
  return { ...desired, ...Object.fromEntries(lists), relays: lasting(desired.relays) };
}

function elementLines(contents: Contents, nowMs: number): string[] {
  return [...contents].flatMap(([set, elements]) =>
    chunks([...elements.values()]).map((chunk) => elementsText(set, chunk, nowMs)),
  );
}

function chunks(elements: readonly Element[]): Element[][] {
  const count = Math.ceil(elements.length / perLine);
  return Array.from({ length: count }, (_, index) => elements.slice(index * perLine, (index + 1) * perLine));
}
