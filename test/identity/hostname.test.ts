import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanHostname } from '../../daemon/identity/hostname.ts';

test.each([
  ['garden-cam', 'garden-cam'],
  ['Küche_2.lan', 'Küche_2.lan'],
  ['Anna’s iPhone', 'Annas iPhone'],
  ['<script>alert(1)</script>', 'scriptalert1script'],
  ['a\nb\r\tc\u0000d', 'abcd'],
  ['\u202egnp.exe', 'gnp.exe'],
  ['la\u200bptop\ufeff', 'laptop'],
  ['аpple', 'pple'],
  ['  --..x..--  ', 'x'],
  ['%s$(reboot)`"\'', 'sreboot'],
  ['a    b', 'a b'],
  ['a×b÷c', 'abc'],
  [`${'x'.repeat(62)}. y`, 'x'.repeat(62)],
])('%j is shown as %j', (raw, shown) => {
  expect(cleanHostname(raw)).toBe(shown);
});

test.each(['', '   ', '...', '*', '日本', '<>"&'])('%j leaves nothing', (raw) => {
  expect(cleanHostname(raw)).toBeUndefined();
});

test('whatever a device says, what is shown is short, plain and stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (raw) => {
      const shown = cleanHostname(raw);
      if (shown === undefined) return;
      expect(shown).toMatch(/^[A-Za-z0-9À-ÖØ-öø-ſ][A-Za-z0-9À-ÖØ-öø-ſ ._-]{0,62}$/);
      expect(cleanHostname(shown)).toBe(shown);
    }),
  );
});
