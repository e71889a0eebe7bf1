import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lmoHash, lmoOf } from '../../../openwrt-package/build/lmo.ts';

/** From LuCI's own script (cbi.js, sfh) of this version. */
const hashes: Record<string, string> = JSON.parse(
  readFileSync('test/fixtures/luci/26.082.75780/hashes.json', 'utf8'),
);

test('texts have the hashes that LuCI gives them', () => {
  for (const [text, hash] of Object.entries(hashes))
    expect(lmoHash(Buffer.from(text)).toString(16).padStart(8, '0'), text).toBe(hash);
});

/** Finds a key's text as LuCI does: the last number says where the index begins, which is searched by halves. */
function lookUp(lmo: Buffer, key: string): string | undefined {
  return entryOf(lmo, key)?.text;
}

function entryOf(lmo: Buffer, key: string): { text: string; forms: number } | undefined {
  const at = lmo.readUInt32BE(lmo.length - 4);
  const hash = key === '' ? 0 : lmoHash(Buffer.from(key));
  let left = 0;
  let right = (lmo.length - 4 - at) / 16 - 1;
  while (left <= right) {
    const middle = (left + right) >> 1;
    const entry = at + 16 * middle;
    const found = lmo.readUInt32BE(entry);
    const offset = lmo.readUInt32BE(entry + 8);
    if (found === hash)
      return {
        text: lmo.toString('utf8', offset, offset + lmo.readUInt32BE(entry + 12)),
        forms: lmo.readUInt32BE(entry + 4),
      };
    if (found < hash) left = middle + 1;
    else right = middle - 1;
  }
  return undefined;
}

test('what is translated is found, what is not is not', () => {
  const entry = (id: string, ...texts: string[]) => ({ id, texts, references: [] });
  const lmo = lmoOf([
    entry('', 'Language: de\nPlural-Forms: nplurals=2; plural=n != 1;\n'),
    entry('All quiet', 'Alles ruhig'),
    entry('Status', 'Status'),
    entry('Not yet', ''),
    { ...entry('Status', 'Zustand'), context: 'menu' },
    { ...entry('%d device', '%d Gerät', '%d Geräte'), plural: '%d devices' },
    ...Array.from({ length: 100 }, (_, index) => entry(`text ${index}`, 'x'.repeat(index + 1))),
  ]);
  expect(lookUp(lmo, '')).toBe('nplurals=2; plural=n != 1;');
  expect(lookUp(lmo, 'All quiet')).toBe('Alles ruhig');
  expect(lookUp(lmo, 'Status')).toBeUndefined();
  expect(lookUp(lmo, 'Not yet')).toBeUndefined();
  expect(lookUp(lmo, 'menu\x01Status')).toBe('Zustand');
  expect(lookUp(lmo, '%d device\x020')).toBe('%d Gerät');
  expect(lookUp(lmo, '%d device\x021')).toBe('%d Geräte');
  // Each form says how many there are, as LuCI's po2lmo writes it.
  const forms = ['', 'All quiet', '%d device\x020', '%d device\x021'].map((key) => entryOf(lmo, key)?.forms);
  expect(forms).toEqual([0, 1, 2, 2]);
  for (let index = 0; index < 100; index++) expect(lookUp(lmo, `text ${index}`)).toHaveLength(index + 1);
});
