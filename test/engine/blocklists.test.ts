import { describe, expect, test } from 'vitest';
import type { Listing } from '../../daemon/blocklists/listing.ts';
import type { EventDocument, StatusDocument } from '../../daemon/engine/documents.ts';
import { takeSnapshot } from '../../daemon/engine/snapshot.ts';
import { keyOf, servers, startWallMs, tv, type World, world } from './world.ts';

const zen = 'zen.spamhaus.org';
const listing = (state: Listing['state'], more: Partial<Listing> = {}): Listing => ({
  ...{ list: zen, address: '9.9.9.9', state },
  ...more,
});
const minute = 60_000;
const day = 24 * 60 * minute;

const asked = ({ effects }: World) => effects.filter(({ type }) => type === 'look_up').length;
const told = ({ effects }: World): EventDocument[] =>
  effects.flatMap((effect) => (effect.type === 'event' ? [effect.document] : []));
const says = (home: World, ...listings: Listing[]) =>
  home.give({ type: 'looked_up', shared: false, listings });
const statusOf = (home: World) => {
  const answer = home.ask('status');
  return answer.ok ? (answer.data as StatusDocument).blocklists : undefined;
};

describe('blocklists', () => {
  test('are asked some minutes after a start and then once a day, and never where none are named', () => {
    const home = world({ blocklists: [zen] });
    home.pass(9 * minute);
    expect(asked(home)).toBe(0);
    home.pass(2 * minute);
    expect(asked(home)).toBe(1);
    home.pass(day - 5 * minute);
    expect(asked(home)).toBe(1);
    home.pass(5 * minute);
    expect(asked(home)).toBe(2);

    const other = world();
    other.pass(20 * minute);
    expect(asked(other)).toBe(0);
    expect(statusOf(other)).toBeUndefined();
    expect(other.ask('blocklists')).toMatchObject({ ok: false, error: { code: 'not_available' } });
  });

  test('may be asked now, but not again at once', () => {
    const home = world({ blocklists: [zen] });
    expect(home.ask('blocklists', { now: true })).toMatchObject({ ok: true, data: { listings: [] } });
    expect(home.ask('blocklists', { now: true })).toMatchObject({ ok: false, error: { code: 'too_many' } });
    home.pass(minute);
    expect(home.ask('blocklists', { now: true })).toMatchObject({ ok: true });
    expect(asked(home)).toBe(2);
  });

  test('a new listing is told with its reason, its link and who mailed; the end of it too', () => {
    const home = world({ blocklists: [zen] });
    for (const server of servers.slice(0, 3)) home.open(tv.address, server);
    says(home, listing('listed', { reason: 'XBL: infected', link: 'https://lists.example/remove' }));
    says(home, listing('listed', { reason: 'XBL: infected' }));
    const events = told(home).filter(({ type }) => type === 'listed');
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ devices: [keyOf(tv)] });
    expect(events[0]?.text).toMatch(/9\.9\.9\.9 .*zen.*XBL: infected.*https:\/\/lists\.example\/remove/);
    expect(statusOf(home)).toMatchObject({ listings: [{ state: 'listed', since: '2026-11-21T14:00:00Z' }] });

    home.pass(minute);
    says(home, listing('unknown', { reason: 'no answer in time' }));
    expect(statusOf(home)).toMatchObject({ listings: [{ state: 'listed' }] });
    says(home, listing('clear'));
    expect(told(home).filter(({ type }) => type === 'delisted')).toHaveLength(1);
    expect(statusOf(home)).toMatchObject({ listings: [{ state: 'clear', since: '2026-11-21T14:01:00Z' }] });
  });

  test('that every home is on are no news', () => {
    const home = world({ blocklists: [zen] });
    says(home, listing('normal', { reason: 'PBL' }));
    says(home, listing('clear'));
    says(home, listing('unknown'));
    expect(told(home)).toEqual([]);
  });

  test('outlive a restart: nothing is told twice, and nobody is asked before the day is over', () => {
    const home = world({ blocklists: [zen] });
    says(home, listing('listed', { reason: 'CSS' }));
    const snapshot = takeSnapshot(home.state, { nowMs: home.nowMs, wallMs: startWallMs });
    const next = world({ blocklists: [zen] });
    next.give({ type: 'restore', snapshot: JSON.parse(JSON.stringify(snapshot)), adopted: [] });
    expect(statusOf(next)).toMatchObject({ listings: [{ state: 'listed', reason: 'CSS' }] });
    next.pass(60 * minute);
    expect(asked(next)).toBe(0);
    says(next, listing('listed', { reason: 'CSS' }));
    expect(told(next)).toEqual([]);
  });

  test.each([[[]], [['x']], [[1, 2, null, 'x', { list: 1 }]], [{}], ['x'], [[Number.NaN]]])(
    'that were kept as %j do no harm',
    (blocklists) => {
      const home = world({ blocklists: [zen] });
      home.give({
        type: 'restore',
        snapshot: { schema: 1, devices: [], incidents: [], blocklists },
        adopted: [],
      });
      expect(home.ask('status').ok).toBe(true);
    },
  );
});
