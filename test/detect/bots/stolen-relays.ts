import type { Chance } from '../chance.ts';
import { device, inOrder } from '../device.ts';
import { botClasses, type Family, type Made } from '../family.ts';
import { apple, google, ionos, microsoft, serverOf, stranger, yahoo } from '../servers.ts';
import { always, moments } from '../times.ts';
import { stolenSession } from './spam.ts';

interface Relay {
  readonly port: 465 | 587;
  readonly isDead: boolean;
  address(): string;
}

/**
 * A relay whose login was stolen. Two in five belong to the providers that most people have (each as likely as the
 * next), whose name resolves to another address each time; the others are those of small hosters and firms. Port 587 in
 * seven of ten cases, 465 else (RFC 8314 asks for the second, most still write the first).
 */
function stolen(chance: Chance, deadShare: number): Relay {
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
    const relay = chance.pick(relays);
    bot.connect(atS, relay.address(), relay.port, stolenSession(chance, relay.isDead));
  }
  return { flows: inOrder(bot.flows) };
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
