import type { Listing, LookUp } from '../blocklists/listing.ts';
import type { Answer, Request } from '../control/request.ts';
import type { BlocklistsDocument } from './documents.ts';
import { announce } from './incidents.ts';
import { isoTime } from './iso-time.ts';
import type { State, Turn } from './state.ts';
import { whoIs } from './who.ts';

/** A listing, since when it is in that state. */
export interface HeldListing extends Listing {
  readonly sinceWallMs: number;
}

/** What blocklists say of the home; `dueMs` is monotonic, the other times are for people. */
export interface Blocklists {
  shared: boolean;
  checkedWallMs: number | undefined;
  held: readonly HeldListing[];
  dueMs: number;
  askedMs: number;
}

const dayMs = 86_400_000;
const weekMs = 7 * dayMs;
/** After a start: by then the link is up, and a daemon that starts again and again asks nobody. */
const firstMs = 600_000;
/** A person may ask in between, so often. */
const restMs = 15_000;
/** Devices that an event about a listing names; of the others it has the keys. */
const mostNamed = 3;
const mostKeys = 64;

export function newBlocklists(nowMs: number): Blocklists {
  return {
    ...{ shared: false, checkedWallMs: undefined, held: [] },
    ...{ dueMs: nowMs + firstMs, askedMs: Number.NEGATIVE_INFINITY },
  };
}

/** Once a day, where the owner named lists. */
export function watchBlocklists(turn: Turn): void {
  const { state, at } = turn;
  if (state.config.blocklists.length > 0 && at.nowMs >= state.blocklists.dueMs) ask(turn);
}

function ask({ state, at, effects }: Turn): void {
  state.blocklists.dueMs = at.nowMs + dayMs;
  state.blocklists.askedMs = at.nowMs;
  effects.push({ type: 'look_up' });
}

/** Takes what the lists said: a new listing is told, and the end of one. What could not be asked changes nothing. */
export function onLookedUp(turn: Turn, { shared, listings }: LookUp): void {
  const { state, at } = turn;
  const { blocklists } = state;
  const before = blocklists.held;
  blocklists.shared = shared;
  blocklists.checkedWallMs = at.wallMs;
  blocklists.held = listings.map((listing) => {
    const old = before.find(({ list, address }) => list === listing.list && address === listing.address);
    if (old?.state === 'listed' && listing.state === 'unknown') return old;
    const sinceWallMs = old?.state === listing.state ? old.sinceWallMs : at.wallMs;
    if (listing.state === 'listed' && old?.state !== 'listed') tellListed(turn, listing);
    if (old?.state === 'listed' && listing.state !== 'listed') tellDelisted(turn, listing);
    return { ...listing, sinceWallMs };
  });
  state.statusDirty = true;
  turn.effects.push({ type: 'persist', urgent: false });
}

function tellListed(turn: Turn, { list, address, reason, link }: Listing): void {
  const { state, at } = turn;
  const mailed = [...state.records.values()]
    .filter(
      ({ lastMailMs = Number.NEGATIVE_INFINITY, incident }) => incident ?? at.nowMs - lastMailMs < weekMs,
    )
    .sort(
      (a, b) => Number(b.incident !== undefined) - Number(a.incident !== undefined) || b.refused - a.refused,
    );
  const names = mailed.slice(0, mostNamed).map(({ key }) => whoIs(state, key).name);
  const others = mailed.length - names.length;
  const who =
    names.length === 0
      ? 'No device at home mailed in the last 7 days.'
      : `In the last 7 days mail was sent by ${names.join(', ')}${others > 0 ? ` and ${others} more` : ''}.`;
  const remedy = link === undefined ? '' : ` When the cause is gone, ask for removal: ${link}`;
  const note = `${address} is on the blocklist ${list} (${reason}). ${who}${remedy}`;
  announce(
    turn,
    'listed',
    { note },
    mailed.slice(0, mostKeys).map(({ key }) => key),
  );
}

function tellDelisted(turn: Turn, { list, address }: Listing): void {
  announce(turn, 'delisted', { note: `${address} is on the blocklist ${list} no more.` });
}

/** What people and programs read; undefined where no lists are named. */
export function blocklistsDocument({ config, blocklists }: State): BlocklistsDocument | undefined {
  if (config.blocklists.length === 0) return undefined;
  const { shared, checkedWallMs, held } = blocklists;
  return {
    shared_address: shared,
    ...(checkedWallMs === undefined ? {} : { checked: isoTime(checkedWallMs) }),
    listings: held.map(({ sinceWallMs, ...listing }) => ({ ...listing, since: isoTime(sinceWallMs) })),
  };
}

/** Answers `blocklists`; with `now` the lists are asked, and the answer is what they said before. */
export function answerBlocklists(turn: Turn, { args }: Request, fail: Fail): Answer {
  const { state, at } = turn;
  const document = blocklistsDocument(state);
  if (!document)
    return fail(
      'not_available',
      'No blocklists are named',
      'Name some: list blocklist in /etc/config/postern.',
    );
  if (args['now'] === true) {
    if (at.nowMs - state.blocklists.askedMs < restMs)
      return fail(
        'too_many',
        'The lists were asked less than 15 s ago',
        'Wait: they answer so many questions only.',
      );
    ask(turn);
  }
  return { ok: true, data: { schema: 1, ...document } };
}

type Fail = typeof import('./on-request.ts').fail;

/** As it is kept: seconds, and the listings with the time since when. */
export type BlocklistsSnapshot = readonly [checkedS: number, shared: 0 | 1, ...held: readonly HeldListing[]];

export function keepBlocklists({ blocklists }: State): BlocklistsSnapshot | undefined {
  const { checkedWallMs, shared, held } = blocklists;
  return checkedWallMs === undefined
    ? undefined
    : [Math.round(checkedWallMs / 1000), shared ? 1 : 0, ...held];
}

/** Takes back what was kept; whatever it is, it never throws. The next look is a day after the last one. */
export function restoreBlocklists({ state, at }: Turn, kept: unknown): void {
  if (!Array.isArray(kept) || typeof kept[0] !== 'number') return;
  const [checkedS, shared, ...held] = kept as unknown[] as [number, unknown, ...unknown[]];
  const ageMs = Math.min(Math.max(0, at.wallMs - checkedS * 1000), dayMs);
  state.blocklists.checkedWallMs = checkedS * 1000;
  state.blocklists.shared = shared === 1;
  state.blocklists.held = held.filter(isHeld).slice(0, 32);
  state.blocklists.dueMs = at.nowMs + Math.max(firstMs, dayMs - ageMs);
}

function isHeld(value: unknown): value is HeldListing {
  const held = value as Partial<Record<keyof HeldListing, unknown>> | null;
  return (
    typeof held === 'object' &&
    typeof held?.list === 'string' &&
    typeof held.address === 'string' &&
    typeof held.sinceWallMs === 'number' &&
    ['clear', 'listed', 'normal', 'unknown'].includes(String(held.state))
  );
}
