import type { Chance } from '../chance.ts';
import { device, inOrder } from '../device.ts';
import { botClasses, type Family, type Made } from '../family.ts';
import { google, microsoft, type Provider, serverOf, yahoo } from '../servers.ts';
import { always, moments } from '../times.ts';
import { absentShare, spamSession } from './spam.ts';

/** 40 a day for three days: slow enough for every limit by the hour, fast enough to be worth a spammer's while. */
function toProviders(chance: Chance, providers: readonly Provider[]): Made {
  const bot = device(chance);
  const absent = absentShare(chance);
  for (const atS of moments(chance, 40, 3, always)) {
    bot.connect(atS, serverOf(chance, chance.pick(providers), 'exchangers'), 25, spamSession(chance, absent));
  }
  return { flows: inOrder(bot.flows) };
}

/** Its recipients are at Outlook, Hotmail and Yahoo only: two groups of servers, so that block's three are never met. */
export const freemail: Family = {
  name: 'two_providers',
  about: 'mails Outlook, Hotmail and Yahoo only, direct to MX',
  kind: 'bot',
  classes: botClasses,
  days: 3,
  devices: 60,
  make: (chance) => toProviders(chance, [microsoft, microsoft, yahoo]),
};

/** Its recipients are at one provider only: Google, Microsoft or Yahoo. */
export const oneProvider: Family = {
  name: 'one_provider',
  about: "mails one provider's exchangers only",
  kind: 'bot',
  classes: botClasses,
  days: 3,
  devices: 60,
  make: (chance) => toProviders(chance, [chance.pick([google, microsoft, yahoo])]),
};
