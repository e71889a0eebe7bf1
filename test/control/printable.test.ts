import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableJson } from '../../daemon/control/printable.ts';

const anyText = fc.string({ unit: 'binary' });
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
const obeyed = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

describe('printable', () => {
  it('leaves what people write', () => {
    expect(printable('Küche – カメラ 📷 "x" <b>')).toBe('Küche – カメラ 📷 "x" <b>');
  });

  it('shows what a terminal would obey as question marks', () => {
    expect(printable('a\u001b[2Jb\r\nc\u009b\u202ed\ud800')).toBe('a?[2Jb??c??d?');
  });

  it('leaves nothing to obey in any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(printable(text)).not.toMatch(obeyed);
      }),
    );
  });
});

describe('printableJson', () => {
  it('is the same value for programs', () => {
    fc.assert(
      fc.property(anyText, fc.jsonValue(), (text, value) => {
        const whole = { [text]: value, text };
        const json = printableJson(whole, 2);
        expect(json.replaceAll('\n', '')).not.toMatch(obeyed);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(whole)));
      }),
    );
  });

  it('escapes a character outside the basic plane as its pair', () => {
    expect(printableJson('\u{e0041}')).toBe('"\\udb40\\udc41"');
  });
});

it('means what Unicode means by unprintable, though it is spelled out', () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    const expected = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(character) ? '?' : character;
    if (printable(character) !== expected) throw new Error(code.toString(16));
  }
});
