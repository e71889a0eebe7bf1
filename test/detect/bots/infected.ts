import type { Chance } from '../chance.ts';
import { device, inOrder } from '../device.ts';
import { dayS, type Family, type Made, type MadeFlow, startS } from '../family.ts';
import { accounts, lineAccount } from '../homes/accounts.ts';
import { mails } from '../homes/people.ts';
import { always, moments } from '../times.ts';
import { newRecipientServer } from './direct-mx.ts';
import { absentShare, spamSession } from './spam.ts';
import { stolen, stolenFlow } from './stolen-relays.ts';

/** The owner's mail, of which nothing is a leak, and the bot's, from the day on that it came. */
function joined(own: readonly MadeFlow[], bot: readonly MadeFlow[], days: number): Made {
  const owners = own
    .filter(({ tsS }) => tsS < startS + days * dayS)
    .map((flow) => ({ ...flow, messages: 0 }));
  const botFromS = Math.min(...bot.map(({ tsS }) => tsS));
  return { flows: inOrder([...owners, ...bot]), botFromS };
}

/** Moments of the bot: so many a day, after seven to ten days in which its host's relays became habit. */
function laterMoments(chance: Chance, perDay: number, days: number): number[] {
  const cameS = startS + chance.between(7, 10) * dayS;
  return moments(chance, perDay, days, always).filter((atS) => atS >= cameS);
}

/**
 * A laptop whose owner mails 5 to 20 times a day (as the ordinary one) is infected after a week, and mails ten strangers a
 * day directly, as the slow bot alone does. Every known-relay delivery between speaks for the device.
 */
export const infectedLaptop: Family = {
  name: 'infected_laptop',
  about: 'laptop in use, infected after a week: 10 mails a day direct to MX besides its own',
  kind: 'bot',
  keptBack: true,
  classes: ['unknown', 'computer'],
  days: 21,
  devices: 60,
  make(chance) {
    const one = device(chance);
    mails(chance, one, accounts(chance, chance.whole(2, 5), lineAccount(chance)), chance.between(5, 20));
    const bot = device(chance);
    const absent = absentShare(chance);
    for (const atS of laterMoments(chance, 10, 21))
      bot.connect(atS, newRecipientServer(chance), 25, spamSession(chance, absent));
    return joined(one.flows, bot.flows, 21);
  },
};

/** The same laptop, and a bot that sends 100 a day through ten stolen relays: by the day less than its owner's limit of messages. */
export const infectedLaptopRelays: Family = {
  name: 'infected_laptop_relays',
  about: 'laptop in use, infected after a week: 100 mails a day through 10 stolen relays besides its own',
  kind: 'bot',
  keptBack: true,
  classes: ['unknown', 'computer'],
  days: 14,
  devices: 60,
  make(chance) {
    const one = device(chance);
    mails(chance, one, accounts(chance, chance.whole(2, 5), lineAccount(chance)), chance.between(5, 20));
    const bot = device(chance);
    const deadShare = chance.between(0, 0.4);
    const relays = Array.from({ length: 10 }, () => stolen(chance, deadShare));
    for (const atS of laterMoments(chance, 100, 14)) stolenFlow(chance, bot, chance.pick(relays), atS);
    return joined(one.flows, bot.flows, 14);
  },
};
