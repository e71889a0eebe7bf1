import type { World } from '../../engine/world.ts';
import { type Ask, handedOn } from './gateway.ts';

/** Asks an engine in this process: as many devices as one likes, without a home for each of them. */
export function askEngine(home: World): Ask {
  return (verb, args) =>
    Promise.resolve(handedOn(home.ask(verb, args as Record<string, string | number | boolean>)));
}

/** What programs compare and no page shows as it is. */
const ids: ReadonlySet<string> = new Set([
  'device',
  'id',
  'incident',
  'next',
  'state',
  'class',
  'node',
  'type',
  'code',
  'last_incident',
]);
const time = /^\d{4}-\d\d-\d\dT/;

/** The same answers, with this text in every field that is for people. */
export function withText(ask: Ask, text: string): Ask {
  const change = (value: unknown, name = ''): unknown => {
    if (typeof value === 'string') return ids.has(name) || time.test(value) ? value : `${text}${value}`;
    if (Array.isArray(value)) return value.map((one) => change(one, name));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, change(one, key)]));
  };
  return async (verb, args) => change(await ask(verb, args));
}
