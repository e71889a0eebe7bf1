import type { Chance } from '../chance.ts';
import { device, inOrder } from '../device.ts';
import { botClasses, type Family, type Made } from '../family.ts';
import { always, moments, scattered } from '../times.ts';
import { newRecipientServer } from './direct-mx.ts';
import { absentShare, spamSession } from './spam.ts';

function direct(chance: Chance, times: readonly number[]): Made {
  const bot = device(chance);
  const absent = absentShare(chance);
  for (const atS of times) bot.connect(atS, newRecipientServer(chance), 25, spamSession(chance, absent));
  return { flows: inOrder(bot.flows) };
}

/**
 * Proofpoint, January 2014: 750,000 mails from 100,000 things between 23 December and 6 January, no more than ten from
 * any address. So 5 to 10 attempts, each number as likely: 7.5 in the mean. When is not told (the waves came three times
 * a day, each from other things): anywhere in 14 days. That they went to the recipients' servers directly is assumed.
 */
export const tenMails: Family = {
  name: 'ten_in_14_days',
  about: 'at most 10 mails in 14 days, direct to MX',
  kind: 'bot',
  classes: botClasses,
  days: 14,
  devices: 400,
  make: (chance) => direct(chance, scattered(chance, chance.whole(5, 10), 14)),
};

/** Ten a day, by day and night, for 14 days: what a controller would choose who knows of limits by the hour. */
export const tenADay: Family = {
  name: 'ten_a_day',
  about: '10 mails a day, direct to MX',
  kind: 'bot',
  classes: botClasses,
  days: 14,
  devices: 100,
  make: (chance) => direct(chance, moments(chance, 10, 14, always)),
};
