import type { Chance } from '../chance.ts';
import { type Device, device, inOrder } from '../device.ts';
import { dayS, type Family, fewDevices, ordinaryDevices, startS } from '../family.ts';
import { stranger } from '../servers.ts';
import { delivery, silence, turnedAway } from '../session.ts';
import { awake, moments } from '../times.ts';
import { type Account, account, accounts, habit, lineAccount, send } from './accounts.ts';

const days = 30;
const devices = ordinaryDevices;

/** Mails at the moments of a day, from the accounts by habit. */
export function mails(chance: Chance, on: Device, list: readonly Account[], perDay: number): void {
  for (const atS of moments(chance, perDay, days, awake)) send(chance, on, habit(chance, list), atS);
}

/** A phone with one to four accounts and one to five mails a day; who works in an office sends 40, and mostly there. */
export const phone: Family = {
  name: 'phone',
  about: 'phone with 1 to 4 accounts, some dead',
  kind: 'ordinary',
  classes: ['computer', 'unknown'],
  days,
  devices,
  make(chance) {
    const one = device(chance);
    mails(chance, one, accounts(chance, chance.whole(1, 4), lineAccount(chance)), chance.between(1, 5));
    return { flows: inOrder(one.flows) };
  },
};

/** A phone with five to twelve accounts, up to two of them dead, and three to eight mails a day; on one evening it sends from all of them (a new phone: each account is tried). */
export const phoneOfMany: Family = {
  name: 'phone_12',
  about: 'phone with 5 to 12 accounts, some dead, all used on one evening',
  kind: 'ordinary',
  classes: ['computer', 'unknown'],
  days,
  devices,
  make(chance) {
    const one = device(chance);
    const list = accounts(chance, chance.whole(5, 12), lineAccount(chance));
    mails(chance, one, list, chance.between(3, 8));
    const eveningS = startS + (chance.whole(0, days - 1) + 0.8) * dayS;
    for (const [index, from] of list.entries())
      send(chance, one, from, eveningS + index * chance.between(60, 300));
    return { flows: inOrder(one.flows) };
  },
};

/** A laptop with two to five accounts and 5 to 20 mails a day: somebody works at home (an office worker sends 40 a day, DMR 2015). */
export const laptop: Family = {
  name: 'laptop',
  about: 'laptop with 2 to 5 accounts, 5 to 20 mails a day',
  kind: 'ordinary',
  classes: ['computer', 'unknown'],
  days,
  devices,
  make(chance) {
    const one = device(chance);
    mails(chance, one, accounts(chance, chance.whole(2, 5), lineAccount(chance)), chance.between(5, 20));
    return { flows: inOrder(one.flows) };
  },
};

/**
 * Somebody who knows mail: six to twelve accounts in order, 20 to 40 mails a day, two new servers in the month (a
 * customer's, an own one) of which one does not answer at first, and one round of 60 letters to a club through one relay
 * within an hour.
 */
export const powerUser: Family = {
  name: 'power_user',
  about: 'power user: 6 to 12 accounts, new servers, a round to 60 members',
  kind: 'ordinary',
  classes: ['computer', 'unknown'],
  days,
  devices,
  make: (chance) => ({ flows: inOrder(powerUsed(chance).flows) }),
};

/** The same, who once a month looks by hand whether a server answers on port 25, as a provider's help page tells. */
export const powerUserPort25: Family = {
  ...powerUser,
  name: 'power_user_port_25',
  about: 'power user who looks at port 25 of a server by hand',
  kind: 'difficult',
  devices: fewDevices,
  make(chance) {
    const one = powerUsed(chance);
    one.connect(anyDay(chance), stranger(chance), 25, turnedAway(chance));
    return { flows: inOrder(one.flows) };
  },
};

const anyDay = (chance: Chance) => startS + (chance.whole(2, days - 1) + chance.between(0.4, 0.9)) * dayS;

function powerUsed(chance: Chance): Device {
  const one = device(chance);
  const list = Array.from({ length: chance.whole(6, 12) }, () => account(chance));
  mails(chance, one, list, chance.between(20, 40));
  for (const isLate of [true, false]) {
    const server = account(chance);
    const atS = anyDay(chance);
    for (let retry = isLate ? chance.whole(2, 5) : 0; retry > 0; retry--)
      one.connect(atS - retry * 120, server.address(), 587, silence(chance));
    for (let mail = 1; mail <= 4; mail++) send(chance, one, server, atS + mail * 900);
  }
  const roundS = anyDay(chance);
  for (let letter = 0; letter < 60; letter++) {
    const load = { messages: 1, bytes: 8_000, login: true };
    const address = list[0]?.address() ?? '';
    one.connect(roundS + letter * chance.between(20, 60), address, 587, delivery(chance, load));
  }
  return one;
}

/** A page that makes the browser of a laptop load 50 addresses on port 2525 (browsers refuse 25, 465 and 587; detection.md), while its owner mails as ever. */
export const webPage: Family = {
  name: 'web_page_2525',
  about: 'laptop on which a web page opens port 2525 of 50 hosts',
  kind: 'ordinary',
  classes: ['computer', 'unknown'],
  days,
  devices,
  make(chance) {
    const one = device(chance);
    mails(chance, one, accounts(chance, 2, lineAccount(chance)), 5);
    const atS = startS + chance.between(1, days - 1) * dayS;
    for (let load = 0; load < 50; load++)
      one.connect(atS + load * 0.2, stranger(chance), 2525, silence(chance));
    return { flows: inOrder(one.flows) };
  },
};
