import type { Chance } from '../chance.ts';
import { device, inOrder } from '../device.ts';
import { botClasses, dayS, type Family, startS } from '../family.ts';
import { stranger, stranger6 } from '../servers.ts';
import { always, moments } from '../times.ts';
import { newRecipientServer } from './direct-mx.ts';
import { absentShare, spamSession } from './spam.ts';

/** All of its recipients work at three firms (a targeted campaign): 30 mails a day for three days, each firm with one or two exchangers. */
export const threeFirms: Family = {
  name: 'three_firms',
  about: '30 mails a day to the exchangers of three firms, direct to MX',
  kind: 'bot',
  keptBack: true,
  classes: botClasses,
  days: 3,
  devices: 60,
  make(chance) {
    const bot = device(chance);
    const absent = absentShare(chance);
    const firms = Array.from({ length: 3 }, () => exchangersOf(chance));
    for (const atS of moments(chance, 30, 3, always))
      bot.connect(atS, chance.pick(chance.pick(firms)), 25, spamSession(chance, absent));
    return { flows: inOrder(bot.flows) };
  },
};

function exchangersOf(chance: Chance): string[] {
  return Array.from({ length: chance.whole(1, 2) }, () => stranger(chance));
}

/**
 * Proofpoint's things sent in waves, three times a day. Here each thing takes part in one wave in four, with one to three
 * mails within a minute, for 14 days.
 */
export const waves: Family = {
  name: 'waves',
  about: 'one to three mails within a minute, in one of four of three waves a day, direct to MX',
  kind: 'bot',
  keptBack: true,
  classes: botClasses,
  days: 14,
  devices: 100,
  make(chance) {
    const bot = device(chance);
    const absent = absentShare(chance);
    const wave = (atS: number) => {
      for (let mail = chance.whole(1, 3); mail > 0; mail--)
        bot.connect(atS + chance.between(0, 60), newRecipientServer(chance), 25, spamSession(chance, absent));
    };
    for (let number = 0; number < 14 * 3; number++)
      if (chance.is(0.25)) wave(startS + (number / 3) * dayS + chance.between(0, 3600));
    if (bot.flows.length === 0) wave(startS);
    return { flows: inOrder(bot.flows) };
  },
};

/** Over IPv6 where its recipient's exchanger has such an address: one in three, an assumption. Ten a day for seven days; its own address changes each day, as privacy addresses do. */
export const overIp6: Family = {
  name: 'ten_a_day_ipv6',
  about: '10 mails a day, direct to MX, a third over IPv6 with changing addresses',
  kind: 'bot',
  keptBack: true,
  classes: botClasses,
  days: 7,
  devices: 60,
  make(chance) {
    const absent = absentShare(chance);
    const mac = '52:54:00:00:00:06';
    const ip4 = device(chance, '192.168.1.50', mac);
    const flows = [...Array(7).keys()].flatMap((day) => {
      const ip6 = device(chance, `fd12:3456:789a:1::${(chance.whole(4096, 65_535)).toString(16)}`, mac);
      for (const atS of moments(chance, 10, 1, always)) {
        const session = spamSession(chance, absent);
        if (chance.is(1 / 3)) ip6.connect(atS + day * dayS, stranger6(chance), 25, session);
        else ip4.connect(atS + day * dayS, newRecipientServer(chance), 25, session);
      }
      return ip6.flows;
    });
    return { flows: inOrder([...flows, ...ip4.flows]) };
  },
};
