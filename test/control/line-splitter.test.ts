import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineSplitter } from '../../daemon/control/line-splitter.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('line splitter', () => {
  it('gives the same lines however the bytes are cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\n', 'ü', '𐍈', '"') });
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 7 })), (whole, cuts) => {
        const splitter = createLineSplitter(10_000);
        const lines: string[] = [];
        let rest = bytes(whole);
        for (const cut of [...cuts, rest.length]) {
          const { lines: found, overlong } = splitter.push(rest.subarray(0, cut));
          lines.push(...found);
          expect(overlong).toBe(false);
          rest = rest.subarray(cut);
        }
        expect(lines).toEqual(whole.split('\n').slice(0, -1));
      }),
    );
  });

  it('takes a line of the limit and no more, also where it comes in pieces without an end', () => {
    const fit = createLineSplitter(5);
    expect(fit.push(bytes('abcd\n'))).toEqual({ lines: ['abcd'], overlong: false });
    expect(fit.push(bytes('ab\nabcde\n'))).toEqual({ lines: ['ab'], overlong: true });
    expect(fit.push(bytes('x\n'))).toEqual({ lines: [], overlong: true });
    const slow = createLineSplitter(5);
    for (let each = 0; each < 4; each++) expect(slow.push(bytes('a')).overlong).toBe(false);
    expect(slow.push(bytes('a')).overlong).toBe(true);
  });

  it('does not keep the memory of the chunk it was given', () => {
    const splitter = createLineSplitter(100);
    const chunk = bytes('abc');
    splitter.push(chunk);
    chunk.fill(0);
    expect(splitter.push(bytes('\n')).lines).toEqual(['abc']);
  });
});
