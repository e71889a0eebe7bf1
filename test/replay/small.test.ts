import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHeap } from '../../daemon/replay/heap.ts';
import { isPrivate } from '../../daemon/replay/home.ts';
import { createLineSplitter } from '../../daemon/replay/split-lines.ts';
import { tcpStateOf } from '../../daemon/replay/tcp-state.ts';
import { createTexts } from '../../daemon/replay/texts.ts';
import { timeIn } from '../../daemon/replay/utc-time.ts';

describe('times', () => {
  test('are those of the calendar, in each spelling', () => {
    const day = fc.date({ min: new Date(0), max: new Date('2199-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(day, (date) => {
        const seconds = Math.floor(date.getTime() / 1000);
        const iso = new Date(seconds * 1000).toISOString().slice(0, 19);
        expect(timeIn(`${iso}Z`)).toBe(seconds);
        expect(timeIn(iso.replace('T', ' '))).toBe(seconds);
        expect(timeIn(iso.replaceAll('-', '/').replace('T', ' '))).toBe(seconds);
        expect(timeIn(`${iso}.250000Z`)).toBe(seconds + 0.25);
      }),
    );
  });

  test.each(['', '-5', '2011/13/10 09:46:53', '1969-12-31 23:59:59', '1e9', 'NaN', '2011-08-10', 'x'])(
    '%j is none',
    (text) => expect(timeIn(text)).toBeUndefined(),
  );

  test('seconds since the epoch are taken as they are', () => {
    expect(timeIn('1312974604.272243')).toBe(1312974604.272243);
  });
});

describe('a heap', () => {
  test('gives the lowest first, equals as they came, whenever it is asked', () => {
    const action = fc.oneof({ weight: 2, arbitrary: fc.nat(20) }, fc.constant('pop' as const));
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const heap = createHeap<number>();
        let model: { rank: number; item: number }[] = [];
        for (const [item, asked] of actions.entries()) {
          if (asked !== 'pop') {
            heap.push(asked, item);
            model.push({ rank: asked, item });
          } else {
            // Stable, so equals stay as they came.
            const [lowest, ...rest] = [...model].sort((a, b) => a.rank - b.rank);
            expect(heap.rank()).toBe(lowest?.rank);
            expect(heap.pop()).toBe(lowest?.item);
            model = rest.sort((a, b) => a.item - b.item);
          }
          expect(heap.size).toBe(model.length);
        }
      }),
    );
  });

  test('keeps no more than it holds, however long it is in use', () => {
    const heap = createHeap<number>();
    for (let index = 0; index < 50_000; index++) {
      heap.push(index, index);
      if (index >= 10) expect(heap.pop()).toBe(index - 10);
    }
    expect(heap.size).toBe(10);
  });
});

test('lines longer than allowed are passed over and counted, the next one is read', () => {
  const splitter = createLineSplitter(10);
  const got: string[] = [];
  const take = (text: string) => void got.push(text);
  splitter.push('ab\ncdefghij', take);
  splitter.push('klmnopqrst', take);
  splitter.push('uvw\nxy\r\n0123456789z\nlast', take);
  splitter.end(take);
  expect(got).toEqual(['ab', 'xy', 'last']);
  expect(splitter.overlong()).toBe(2);
});

test.each([
  ['10.1.2.3', true],
  ['172.16.0.1', true],
  ['172.31.255.255', true],
  ['172.32.0.1', false],
  ['192.168.0.1', true],
  ['192.169.0.1', false],
  ['100.64.0.1', false],
  ['fd12:3456::1', true],
  ['fc00::1', true],
  ['fd::1', false],
  ['fe80::1', false],
  ['2001:db8::1', false],
])('%s is private: %s', (address, wanted) => expect(isPrivate(address)).toBe(wanted));

test.each([
  ['S', '', { state: 'timeout' }],
  ['S', 'RA', { state: 'refused' }],
  ['S', 'SA', { state: 'refused' }],
  ['SA', 'SA', { state: 'est_nodata' }],
  ['FSPA', 'FSPA', { state: 'established' }],
  ['PA', 'PA', { state: 'established', midway: true }],
  ['R', '', { state: 'timeout', midway: true }],
])('flags %s and %s', (device, server, wanted) => expect(tcpStateOf(device, server)).toEqual(wanted));

test('words of a log are short and printable', () => {
  const { word, address, mac } = createTexts();
  expect(word('')).toBeUndefined();
  expect(word('a\u001b[31mb')).toBe('a?[31mb');
  expect(word('x'.repeat(500))).toHaveLength(64);
  expect(word('')).toBeUndefined();
  expect(address('2001:DB8:0::1')).toBe('2001:db8::1');
  expect(address('no')).toBeUndefined();
  expect(mac('00-0B-DB-63-5B-D4')).toBe('00:0b:db:63:5b:d4');
});
