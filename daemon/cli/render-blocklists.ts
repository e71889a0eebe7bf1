import type { Fields } from './fields.ts';
import { table } from './table.ts';
import { spokenTime } from './times.ts';

const states: Readonly<Record<string, string>> = {
  clear: 'not listed',
  listed: 'LISTED',
  normal: 'listed, as every home is',
  unknown: 'cannot be asked',
};

/** What blocklists say of the home's own address. */
export function renderBlocklists(document: Fields): string {
  const checked = document.has('checked')
    ? `Asked ${spokenTime(document.text('checked'))}.`
    : 'The lists were not asked yet; that is done some minutes after a start, and then once a day.';
  const shared =
    document.text('shared_address') === 'true'
      ? [
          'The IPv4 address of this router is not public: the provider, or another router, shares one among many. Who else is behind it cannot be seen from here, so it is not looked up.',
        ]
      : [];
  const listings = document.items('listings');
  const rows = listings.map((one) => [
    one.text('list'),
    one.text('address'),
    states[one.text('state')] ?? one.text('state'),
    spokenTime(one.text('since')),
  ]);
  const found = rows.length > 0 ? [table(['list', 'address', 'state', 'since'], rows)] : [];
  const reasons = listings
    .filter((one) => one.has('reason'))
    .map((one) => {
      const link = one.has('link')
        ? ` Why, and how to be removed when the cause is gone: ${one.text('link')}`
        : '';
      return `${one.text('list')}: ${one.text('reason')}.${link}`;
    });
  return [checked, ...shared, ...found, ...new Set(reasons)].join('\n');
}
