import type { Chance } from '../chance.ts';
import { type Device, device, inOrder } from '../device.ts';
import { botClasses, dayS, type Family, type Made, startS } from '../family.ts';
import { apple, google, ionos, microsoft, serverOf, stranger, yahoo } from '../servers.ts';
import { always, moments } from '../times.ts';
import { stolenSession } from './spam.ts';

/** A relay and whether its stolen login still works. */
export interface Relay {
  readonly port: 465 | 587;
  readonly isDead: boolean;
  address(): string;
}

/**
 * A relay whose login was stolen. Two in five belong to the providers that most people have (each as likely as the
 * next), whose name resolves to another address each time; the others are those of small hosters and firms. Port 587 in
 * seven of ten cases, 465 else (RFC 8314 asks for the second, most still write the first).
 */
export function stolen(chance: Chance, deadShare: number): Relay {
  const provider = chance.is(0.4) ? chance.pick([google, microsoft, yahoo, apple, ionos]) : undefined;
  const fixed = stranger(chance);
  return {
    port: chance.is(0.7) ? 587 : 465,
    isDead: chance.is(deadShare),
    address: () => (provider ? serverOf(chance, provider, 'submission') : fixed),
  };
}

/** 400 a day is design.md's figure: below what submission services allow an account (Gmail 500 a day), were it one. */
function through(chance: Chance, relays: readonly Relay[], days: number): Made {
  const bot = device(chance);
  for (const atS of moments(chance, 400, days, always)) {
    stolenFlow(chance, bot, chance.pick(relays), atS);
  }
  return { flows: inOrder(bot.flows) };
}

/** One mail through a stolen relay, or the attempt. */
export function stolenFlow(chance: Chance, bot: Device, relay: Relay, atS: number): void {
  bot.connect(atS, relay.address(), relay.port, stolenSession(chance, relay.isDead));
}

/** 400 a day, each through one of 20 relays at random, for two days. */
export const twentyRelays: Family = {
  name: 'stolen_relays_20',
  about: '400 mails a day through 20 stolen relays',
  kind: 'bot',
  classes: botClasses,
  days: 2,
  devices: 40,
  make(chance) {
    const deadShare = chance.between(0, 0.4);
    return through(
      chance,
      Array.from({ length: 20 }, () => stolen(chance, deadShare)),
      2,
    );
  },
};

/** 400 a day through one relay whose login works, for two days. */
export const oneRelay: Family = {
  name: 'stolen_relay_1',
  about: '400 mails a day through one stolen relay',
  kind: 'bot',
  classes: botClasses,
  days: 2,
  devices: 40,
  make: (chance) => through(chance, [stolen(chance, 0)], 2),
};

/** 400 a day through five relays, whose logins still work in most cases: as many as a phone may have accounts, so that no count of relays tells them apart. */
export const fiveRelays: Family = {
  name: 'stolen_relays_5',
  about: '400 mails a day through 5 stolen relays',
  kind: 'bot',
  keptBack: true,
  classes: botClasses,
  days: 2,
  devices: 40,
  make(chance) {
    const deadShare = chance.between(0, 0.4);
    const relays = Array.from({ length: 5 }, () => stolen(chance, deadShare));
    return through(chance, relays, 2);
  },
};

/** Another login each day, 80 mails each, for ten days: below every limit by the day, in relays as in messages. What a controller would choose who reads this project. */
export const oneRelayADay: Family = {
  name: 'stolen_relay_daily',
  about: '80 mails a day, each day through another stolen relay',
  kind: 'bot',
  keptBack: true,
  classes: botClasses,
  days: 10,
  devices: 40,
  make(chance) {
    const bot = device(chance);
    const relays = Array.from({ length: 10 }, () => stolen(chance, 0));
    for (const atS of moments(chance, 80, 10, always)) {
      const relay = relays[Math.floor((atS - startS) / dayS)];
      if (relay) stolenFlow(chance, bot, relay, atS);
    }
    return { flows: inOrder(bot.flows) };
  },
};
