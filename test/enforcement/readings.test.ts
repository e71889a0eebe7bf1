import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseListing, setsAmong } from '../../daemon/enforcement/listing.ts';
import { adoptedFrom, appliedFrom, listedContents } from '../../daemon/enforcement/read-back.ts';
import { readingFrom } from '../../daemon/enforcement/readings.ts';
import { layoutChain } from '../../daemon/enforcement/table.ts';
import { listedTable, listingText, nftVersions } from './listings.ts';
import { keyOf } from './rulesets.ts';

const all = ['ledger', 'attempts', 'overruns', 'hits'] as const;

describe.each(nftVersions)('a listing by nft %s', (version) => {
  test('its dynamic sets become rows', () => {
    const reading = readingFrom(listedTable(version), all);
    const client = keyOf('02:00:00:00:01:02');
    expect(reading).toMatchObject({ full: [], dropped: 0 });
    expect(new Set(reading.ledger)).toEqual(
      new Set([
        { network: 'lan', key: client, src: '10.77.1.2', port: 25, connections: 6 },
        { network: 'guest', key: keyOf('02:00:00:00:02:02'), src: 'fd77:2::2', port: 587, connections: 2 },
        { network: 'vpn', key: 'fd77:3::', src: 'fd77:3::2', port: 465, connections: 1 },
        { network: 'router', key: 'router', src: '10.77.9.1', port: 25, connections: 4 },
      ]),
    );
    expect(new Set(reading.attempts)).toEqual(
      new Set([
        { key: client, dst: '203.0.113.7', port: 25, attempts: 3 },
        { key: 'fd77:3::', dst: '2001:db8:f::7', port: 2525, attempts: 9 },
      ]),
    );
    expect(reading.overruns).toEqual([{ key: client, packets: 11 }]);
    expect(reading.hits).toContainEqual({ key: client, hold: 'blocked', packets: 0 });
  });

  test('its bans are adopted with the time that is left', () => {
    const adopted = adoptedFrom(listedContents(listedTable(version), 1_000_000));
    expect(adopted.restricted).toHaveLength(1);
    expect(adopted.blocked.map(({ key }) => key)).toEqual([
      keyOf('02:00:00:00:01:02'),
      '10.77.3.2',
      'fd77:3::',
    ]);
    expect(adopted.blocked[1]?.endMs).toBeUndefined();
    expect(Math.abs((adopted.blocked[0]?.endMs ?? 0) - 4_600_000)).toBeLessThan(2000);
  });

  test('it shows what is there, unless it is of another layout', () => {
    const objects = listedTable(version);
    const applied = appliedFrom(objects, 0);
    expect(applied?.structure).toBeUndefined();
    expect(applied?.contents.get('relay_nets_mac4')?.has('02:00:00:00:01:02 . 198.51.0.0/16 . 587')).toBe(
      true,
    );
    expect(applied?.contents.has('ledger_mac4_lan')).toBe(false);
    expect(
      appliedFrom(
        objects.filter(({ value }) => value['name'] !== layoutChain),
        0,
      ),
    ).toBeUndefined();
    expect(appliedFrom([], 0)).toBeUndefined();
  });
});

test('objects of other tables are passed over', () => {
  expect(parseListing(listingText('1.0.6').replaceAll('"postern"', '"other"'), 'postern')).toEqual([]);
});

test('what is no listing is no reading, and nothing throws', () => {
  expect(parseListing('', 'postern')).toBeUndefined();
  expect(parseListing('{"nftables": 1}', 'postern')).toBeUndefined();
  fc.assert(
    fc.property(
      fc.json(),
      fc.constantFrom('ledger_mac4_lan', 'attempts_ip6', 'blocked_mac'),
      (json, name) => {
        const objects = parseListing(json, 'postern') ?? [];
        const set = {
          kind: 'set',
          value: { table: 'postern', name, type: ['ether_addr'], elem: [JSON.parse(json)] },
        };
        readingFrom([...objects, set], all);
        listedContents([...objects, set], 0);
      },
    ),
  );
});

test('elements that cannot be read are counted', () => {
  const elem = ['02:00:00:00:00:01', 7, { concat: [] }, null];
  const value = { table: 'postern', name: 'blocked_mac', type: 'ether_addr', elem, size: 1 };
  expect(setsAmong([{ kind: 'set', value }]).dropped).toBe(3);
  expect(readingFrom([{ kind: 'set', value }], all)).toMatchObject({ dropped: 3, full: ['blocked_mac'] });
});
