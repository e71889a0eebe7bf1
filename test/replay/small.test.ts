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

test('a heap gives what it got in order, equals as they came', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat())), (items) => {
      const heap = createHeap<number>();
      for (const [index, [rank]] of items.entries()) heap.push(rank, index);
      const wanted = [...items.keys()].sort((a, b) => (items[a]?.[0] ?? 0) - (items[b]?.[0] ?? 0) || a - b);
      const got: number[] = [];
      while (heap.size > 0) {
        const rank = heap.rank();
        const item = heap.pop();
        if (item === undefined) break;
        expect(items[item]?.[0]).toBe(rank);
        got.push(item);
      }
      expect(got).toEqual(wanted);
      expect(heap.pop()).toBeUndefined();
    }),
  );
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
