import { newRecipientServer } from '../bots/direct-mx.ts';
import { device, inOrder } from '../device.ts';
import { dayS, type Family, fewDevices, startS } from '../family.ts';
import { relayAddresses, stranger } from '../servers.ts';
import { delivery, refusal, silence, turnedAway } from '../session.ts';
import { awake, moments } from '../times.ts';
import { accounts, lineAccount } from './accounts.ts';
import { mails } from './people.ts';

const days = 30;
const devices = fewDevices;

/** A mail server of a family that nobody declared: 20 mails a day straight to the exchangers of whoever they write to, nearly all accepted. */
export const homeServer: Family = {
  name: 'home_mail_server',
  about: 'mail server at home that nobody declared',
  kind: 'difficult',
  classes: ['computer', 'unknown'],
  days,
  devices,
  make(chance) {
    const server = device(chance);
    for (const atS of moments(chance, 20, days, awake)) {
      const load = { messages: 1, bytes: chance.lognormal(20_000, 1.2), login: false };
      const session = chance.is(0.95) ? delivery(chance, load) : turnedAway(chance);
      server.connect(atS, newRecipientServer(chance), 25, session);
    }
    return { flows: inOrder(server.flows) };
  },
};

/** A PC whose three accounts all died with its owner's provider: each is tried every 10 minutes while it is on, two evenings long, before two accounts in order are used again. */
export const threeDeadRelays: Family = {
  name: 'three_dead_relays',
  about: 'PC with three dead relays',
  kind: 'difficult',
  classes: ['computer', 'unknown'],
  days,
  devices,
  make(chance) {
    const one = device(chance);
    mails(
      chance,
      one,
      accounts(chance, 2, lineAccount(chance)).map((each) => ({ ...each, state: 'fine' as const })),
      4,
    );
    const dead = relayAddresses(chance, 3, 3);
    for (const evening of [chance.whole(1, 14), chance.whole(15, 29)]) {
      const fromS = startS + (evening + 0.7) * dayS;
      for (let atS = fromS; atS < fromS + 4 * 3600; atS += 600) {
        for (const [index, relay] of dead.entries()) {
          one.connect(atS + index * 15, relay, 587, chance.is(0.5) ? silence(chance) : refusal(chance));
        }
      }
    }
    return { flows: inOrder(one.flows) };
  },
};

/** A printer with a mail server inside: it hands its scans straight to the exchangers of the two domains that its owners have, twice a day each. */
export const twoDomains: Family = {
  name: 'printer_two_domains',
  about: 'printer that mails two domains directly',
  kind: 'difficult',
  classes: ['appliance', 'unknown'],
  days,
  devices,
  make(chance) {
    const printer = device(chance);
    const exchangers = [stranger(chance), stranger(chance)];
    for (const atS of moments(chance, 4, days, awake)) {
      const load = { messages: 1, bytes: Math.min(10_000_000, chance.lognormal(400_000, 1)), login: false };
      printer.connect(atS, chance.pick(exchangers), 25, delivery(chance, load));
    }
    return { flows: inOrder(printer.flows) };
  },
};

/** The printer by its access provider's relay again, whose 12 addresses lie in three /16s, where the router does not tell their name. */
export const spreadRelay: Family = {
  name: 'printer_spread_relay',
  about: 'printer by a relay of 12 addresses in three networks, its name unknown',
  kind: 'difficult',
  classes: ['appliance', 'unknown'],
  days,
  devices,
  make(chance) {
    const printer = device(chance);
    const addresses = relayAddresses(chance, 12, 3);
    for (const atS of moments(chance, 3, days, awake)) {
      const load = { messages: 1, bytes: Math.min(10_000_000, chance.lognormal(400_000, 1)), login: false };
      printer.connect(atS, chance.pick(addresses), 25, delivery(chance, load));
    }
    return { flows: inOrder(printer.flows) };
  },
};
