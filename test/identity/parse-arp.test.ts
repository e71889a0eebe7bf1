import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseArp } from '../../daemon/identity/parse-arp.ts';

test('the table of Linux 6.18: complete entries with Ethernet', () => {
  const text = readFileSync(new URL('../fixtures/linux-6.18/arp.txt', import.meta.url), 'utf8');
  expect(parseArp(text)).toEqual({
    rows: [
      { address: '192.168.7.81', mac: 'ec:71:db:00:11:22', interface: 'br-lan', fresh: false },
      { address: '192.168.7.77', mac: '00:11:32:aa:bb:cc', interface: 'br-lan', fresh: true },
      { address: '192.168.7.79', mac: 'da:a1:19:00:00:01', interface: 'br-lan', fresh: false },
      { address: '192.168.7.78', mac: '00:80:77:aa:bb:cc', interface: 'br-lan', fresh: false },
    ],
    dropped: 0,
  });
});

test('an entry that got no answer lately says nothing, though it still shows a MAC', () => {
  expect(parseArp('192.168.7.2 0x1 0x0 ec:71:db:00:11:22 * br-lan')).toEqual({ rows: [], dropped: 0 });
});

test('it never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(parseArp(text).rows.length).toBeGreaterThanOrEqual(0);
    }),
  );
  expect(parseArp('192.168.7.2 0x1 what 02:00:00:00:00:01 * br-lan').dropped).toBe(1);
});
