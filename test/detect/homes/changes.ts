import type { Chance } from '../chance.ts';
import { device, inOrder } from '../device.ts';
import { dayS, type Family, fewDevices, ordinaryDevices, startS } from '../family.ts';
import { google6, serverOf6, stranger } from '../servers.ts';
import { badLogin, delivery, refusal, silence } from '../session.ts';
import { awake, moments } from '../times.ts';
import { account, accounts, habit, lineAccount, send } from './accounts.ts';
import { mails } from './people.ts';

const days = 30;
const devices = ordinaryDevices;
const classes = ['computer', 'unknown'] as const;

/**
 * A laptop whose owner moves to another provider: 5 to 15 mails a day through two accounts, from one day on through two
 * others; the old ones are tried for three more days, and refuse the password.
 */
export const newProvider: Family = {
  name: 'new_provider',
  about: 'laptop that moves from two accounts to two others',
  kind: 'ordinary',
  keptBack: true,
  classes,
  days,
  devices,
  make(chance) {
    const one = device(chance);
    const [before, after] = [accounts(chance, 2, lineAccount(chance)), accounts(chance, 2, undefined)];
    const movedS = startS + chance.whole(3, 25) * dayS;
    for (const atS of moments(chance, chance.between(5, 15), days, awake))
      send(chance, one, habit(chance, atS < movedS ? before : after), atS);
    for (const old of before)
      for (let atS = movedS; atS < movedS + 3 * dayS; atS += chance.between(3600, 14_400))
        one.connect(atS, old.address(), old.port, badLogin(chance));
    return { flows: inOrder(one.flows) };
  },
};

/** The treasurer of a club: a laptop as any other, and on two evenings a round of 80 to 250 letters through one relay, 5 to 20 s apart (below what its provider allows). */
export const treasurer: Family = {
  name: 'club_rounds',
  about: 'laptop with two rounds of 80 to 250 letters through one relay',
  kind: 'ordinary',
  keptBack: true,
  classes,
  days,
  devices,
  make(chance) {
    const one = device(chance);
    const list = accounts(chance, 2, undefined);
    mails(chance, one, list, chance.between(2, 10));
    const first = list[0] ?? account(chance);
    for (const day of [chance.whole(2, 14), chance.whole(15, 29)]) {
      let atS = startS + (day + 0.8) * dayS;
      for (let letter = chance.whole(80, 250); letter > 0; letter--) {
        const load = { messages: 1, bytes: 12_000, login: true };
        one.connect(atS, first.address(), first.port, delivery(chance, load));
        atS += chance.between(5, 20);
      }
    }
    return { flows: inOrder(one.flows) };
  },
};

/** A laptop in a home with IPv6: its relay of Google's is met at an IPv6 address in half of the cases, from an own address that changes daily (RFC 8981). */
export const dualStack: Family = {
  name: 'laptop_ipv6',
  about: 'laptop that mails over IPv4 and IPv6, with changing addresses of its own',
  kind: 'ordinary',
  keptBack: true,
  classes,
  days,
  devices,
  make(chance) {
    const mac = '52:54:00:00:00:05';
    const one = device(chance, '192.168.1.50', mac);
    mails(chance, one, accounts(chance, chance.whole(1, 4), lineAccount(chance)), chance.between(3, 10));
    const flows = [...Array(days).keys()].flatMap((day) => {
      const over6 = device(chance, `fd12:3456:789a:1::${chance.whole(4096, 65_535).toString(16)}`, mac);
      for (const atS of moments(chance, 3, 1, awake)) {
        const load = { messages: 1, bytes: chance.lognormal(30_000, 1.6), login: true };
        over6.connect(atS + day * dayS, serverOf6(chance, google6), 587, delivery(chance, load));
      }
      return over6.flows;
    });
    return { flows: inOrder([...flows, ...one.flows]) };
  },
};

/**
 * A mail program that looks for the servers of an address by itself, as Thunderbird does where no database has them
 * (GuessConfig): `smtp.`, `mail.` and the bare domain, each on 587, 465 and 25, all at once. The names lead to one or two
 * hosts, which answer on some of the ports; one to three accounts at small hosters are set up so on one evening.
 */
export const guessedSetup: Family = {
  name: 'setup_by_guess',
  about: 'mail program that tries ports 587, 465 and 25 of names it guesses, for 1 to 3 accounts',
  kind: 'difficult',
  keptBack: true,
  classes,
  days,
  devices: fewDevices,
  make(chance) {
    const one = device(chance);
    const list = accounts(chance, chance.whole(1, 4), lineAccount(chance));
    mails(chance, one, list, chance.between(2, 10));
    let atS = startS + (chance.whole(0, 28) + 0.8) * dayS;
    for (let left = chance.whole(1, 3); left > 0; left--) {
      guess(chance, one, atS);
      atS += chance.between(120, 900);
    }
    return { flows: inOrder(one.flows) };
  },
};

function guess(chance: Chance, one: ReturnType<typeof device>, atS: number): void {
  const mail = stranger(chance);
  const hosts = chance.is(0.5) ? [mail] : [mail, stranger(chance)];
  for (const host of hosts)
    for (const port of [587, 465, 25] as const) {
      const isServed = host === mail && chance.is(port === 25 ? 0.6 : 0.85);
      const session = isServed ? badLogin(chance) : chance.is(0.5) ? refusal(chance) : silence(chance);
      one.connect(atS + chance.next(), host, port, session);
    }
  // The program was told to go on: the account is used from then on.
  const load = { messages: 1, bytes: 5_000, login: true };
  one.connect(atS + 60, mail, 587, delivery(chance, load));
}
