import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMac } from '../../daemon/address/mac.ts';
import { openVendors } from '../../daemon/identity/vendor.ts';
import { packVendors, shortenVendor } from '../../daemon/identity/vendor-pack.ts';

const find = (bytes: Uint8Array, text: string) => {
  const mac = parseMac(text);
  return mac && openVendors(bytes)(mac);
};

test('the real table: complete for homes, and within its size', () => {
  const path = new URL('../../node_modules/oui-data/index.json', import.meta.url);
  const bytes = packVendors(JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>);
  expect(bytes.length).toBeLessThan(150_000);
  expect(find(bytes, 'ec:71:db:00:11:22')).toBe('Reolink Innovation');
  expect(find(bytes, '00:11:32:00:00:01')).toBe('Synology');
  expect(find(bytes, 'b8:27:eb:00:00:01')).toBe('Raspberry Pi Foundation');
  expect(find(bytes, '02:00:00:00:00:01')).toBeUndefined();
});

test('what is packed is found, first and last and in between, and nothing else', () => {
  const hex = fc.integer({ min: 0, max: 0xffffff }).map((n) => n.toString(16).padStart(6, '0').toUpperCase());
  const table = fc.dictionary(
    hex,
    fc.constantFrom('Acme Inc.\nStreet', 'Bolt GmbH', 'Core', 'Dune Co., Ltd.'),
  );
  fc.assert(
    fc.property(table, hex, (data, other) => {
      const open = openVendors(packVendors(data));
      const names = Object.values(data).map((text) => shortenVendor(text.split('\n')[0] ?? ''));
      for (const [prefix, text] of [...Object.entries(data), [other, data[other] ?? ''] as const]) {
        const mac = parseMac(`${prefix}000001`);
        const name = shortenVendor(text.split('\n')[0] ?? '');
        const isKept = names.filter((one) => one === name).length >= 2;
        if (mac) expect(open(mac)).toBe(isKept ? name : undefined);
      }
    }),
  );
});

test('bytes that are no table know nobody, and never throw', () => {
  const mac = parseMac('ec:71:db:00:11:22');
  if (!mac) throw new Error('no MAC');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(['string', 'undefined']).toContain(typeof openVendors(bytes)(mac));
    }),
  );
  const whole = packVendors({ EC71DB: 'Acme', EC71DC: 'Acme' });
  expect(find(whole, 'ec:71:db:00:11:22')).toBe('Acme');
  for (let end = 0; end < whole.length; end++) expect(openVendors(whole.slice(0, end))(mac)).toBeUndefined();
});

test.each([
  ['Reolink Innovation Limited', 'Reolink Innovation'],
  ['XEROX CORPORATION', 'Xerox'],
  ['Hangzhou Hikvision Digital Technology Co.,Ltd.', 'Hangzhou Hikvision Digital'],
  ['TP-LINK TECHNOLOGIES CO.,LTD.', 'TP-LINK Technologies'],
  ['BSH Hausgeräte GmbH', 'BSH Hausgerate'],
  ['Evil <script>"x"</script> Inc', 'Evil scriptx/script'],
  ['AVM Audiovisuelles Marketing und Computersysteme GmbH', 'AVM Audiovisuelles Marketing und'],
])('%s is shown as %s', (name, short) => {
  expect(shortenVendor(name)).toBe(short);
});
