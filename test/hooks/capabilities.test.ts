import { expect, test } from 'vitest';
import { capabilitiesIn } from '../../daemon/hooks/capabilities.ts';

const none = { CapInh: '0', CapPrm: '0', CapEff: '0', CapBnd: '1ffffffffff', CapAmb: '0' };
const status = (sets: Partial<typeof none>) =>
  `Name:\tnode\n${Object.entries({ ...none, ...sets })
    .map(([name, bits]) => `${name}:\t${bits.padStart(16, '0')}\n`)
    .join('')}NoNewPrivs:\t0\n`;

test('a user without capabilities has none, whatever the bounding set is', () => {
  expect(capabilitiesIn(status({}), 300)).toBeUndefined();
});

test.each(['CapEff', 'CapPrm', 'CapInh', 'CapAmb'])('one in %s is found, for any user', (set) => {
  expect(capabilitiesIn(status({ [set]: '1000' }), 300)).toBe(`${set} 0000000000001000`);
  expect(capabilitiesIn(status({ [set]: '1000', CapBnd: '0' }), 0)).toBe(`${set} 0000000000001000`);
});

test('what root starts has what the bounding set leaves', () => {
  expect(capabilitiesIn(status({}), 0)).toBe('CapBnd 000001ffffffffff');
  expect(capabilitiesIn(status({ CapBnd: '0' }), 0)).toBeUndefined();
});

test('what cannot be read is assumed', () => {
  expect(capabilitiesIn('', 300)).toBe('CapEff unknown');
});
