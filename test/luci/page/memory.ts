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

/** The same answers, with so many closed incidents beside those of the home: copies of its first, newest first. */
export function withIncidents(ask: Ask, count: number): Ask {
  return async (verb, args) => {
    const answer = await ask(verb, args);
    if (verb !== 'incidents') return answer;
    const { incidents: own = [] } = (await ask(verb, { limit: 10 })) as { incidents?: readonly object[] };
    const copies = Array.from({ length: Math.max(0, count - own.length) }, (_, index) => ({
      ...own[0],
      ...{ id: `home-${index}`, name: `thing ${index}`, state: 'closed', closed: '2026-11-21T15:00:00Z' },
    }));
    const all = [...own, ...copies] as { readonly id: string }[];
    const start = all.findIndex(({ id }) => id === args['after']) + 1;
    const incidents = all.slice(start, start + Number(args['limit'] ?? 10));
    const isMore = start + incidents.length < all.length;
    return { schema: 1, incidents, ...(isMore && { next: incidents.at(-1)?.id }) };
  };
}
