import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalIp, formatIp } from '../../daemon/address/ip.ts';
import { canonicalText } from '../../daemon/conntrack/canonical-text.ts';

const groupText = fc.constantFrom('0', '1', '00', 'abcd', 'ABCD', '0db8', 'f', 'ffff1', '', '1.2.3.4');

test('property: the short road and the long one agree on everything that looks like an address', () => {
  const like6 = fc.array(groupText, { minLength: 1, maxLength: 9 }).map((groups) => groups.join(':'));
  const like4 = fc.array(fc.constantFrom('0', '1', '01', '255', '256', '99', '', 'a'), { maxLength: 5 });
  fc.assert(
    fc.property(
      fc.oneof(
        like6,
        like4.map((octets) => octets.join('.')),
        fc.ipV6(),
        fc.ipV4(),
        fc.string(),
      ),
      (text) => {
        expect(canonicalText(text)).toBe(canonicalIp(text));
      },
    ),
    { numRuns: 5_000 },
  );
});

test('property: canonical text stays as it is', () => {
  // Many zero groups, so that every place of the gap is met.
  const groups = fc.array(fc.constantFrom<bigint[]>(0n, 0n, 0n, 1n, 0xabcdn), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(groups, (parts) => {
      const text = formatIp({ family: 6, value: parts.reduce((sum, part) => (sum << 16n) | part, 0n) });
      expect(canonicalText(text)).toBe(text);
    }),
    { numRuns: 2_000 },
  );
});
