import type { OfficeArgs } from '../lab/actors/office.ts';
import type { Lab } from '../lab/lab.ts';
import type { Desk } from '../lab/office.ts';

/**
 * An office's first morning, in half a minute: every desk has two accounts at different providers, one at 587 and one
 * at 465, comes up within the first ten seconds, sends `count` mails from each, 7 s apart.
 */
export function mailsOfOffice(
  lab: Pick<Lab, 'addresses'>,
  desks: readonly Desk[],
  count: number,
): OfficeArgs['clients'] {
  const { microsoft4, google4 } = lab.addresses;
  return desks.flatMap(({ ip4 }, i) => {
    const more = { localAddress: ip4, count, everyMs: 7000, firstAtMs: i * 500 };
    return [
      { ...more, relays: [microsoft4[i % microsoft4.length] ?? ''], port: 587 },
      { ...more, relays: [google4[i % google4.length] ?? ''], port: 465 },
    ];
  });
}
