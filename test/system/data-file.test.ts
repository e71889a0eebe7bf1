import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { packDataFile, readSection } from '../../daemon/system/data-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-data-'));
const path = join(folder, 'data.bin');
afterAll(() => rmSync(folder, { recursive: true }));

const sections = {
  vendors: Buffer.from('some vendors'),
  'public-suffixes!': Buffer.from([0, 1, 2]),
  empty: Buffer.alloc(0),
};
const whole = Buffer.from(packDataFile(sections));

test('sections come back as they were, and the order they were given in does not matter', () => {
  writeFileSync(path, whole);
  for (const [name, bytes] of Object.entries(sections)) expect(readSection(path, name).bytes).toEqual(bytes);
  const { vendors, ...rest } = sections;
  expect(Buffer.from(packDataFile({ ...rest, vendors }))).toEqual(whole);
});

test('what is missing is a reason', () => {
  writeFileSync(path, whole);
  expect(readSection(path, 'vendor')).toEqual({ reason: 'the data file has no section vendor' });
  expect(readSection(join(folder, 'none'), 'vendors').reason).toMatch(/ENOENT/);
  expect(readSection(folder, 'vendors').reason).toMatch(/EISDIR/);
});

test('another version and another file are reasons', () => {
  writeFileSync(path, Buffer.concat([Buffer.from('PSTN\x01'), whole.subarray(5)]));
  expect(readSection(path, 'vendors').reason).toBe('data file of version 1, not 3');
  writeFileSync(path, 'GIF89a, or so');
  expect(readSection(path, 'vendors').reason).toBe('not a Postern data file');
});

test('one flipped byte or a cut gives the true bytes or a reason, never others', () => {
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, mask, cut) => {
      const damaged = cut ? whole.subarray(0, at) : Buffer.from(whole);
      if (!cut) damaged[at] = (damaged[at] ?? 0) ^ mask;
      writeFileSync(path, damaged);
      const { bytes, reason } = readSection(path, 'vendors');
      expect(bytes === undefined ? reason : Buffer.from(bytes)).toEqual(
        bytes === undefined ? expect.any(String) : sections.vendors,
      );
    }),
  );
});

test('a name that does not fit is a mistake of the build', () => {
  expect(() => packDataFile({ 'seventeen letters': Buffer.alloc(1) })).toThrow('bad section name');
});
