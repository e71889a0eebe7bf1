import type { Chance } from '../chance.ts';
import type { Device } from '../device.ts';
import { apple, google, ionos, microsoft, relayAddresses, serverOf, stranger, yahoo } from '../servers.ts';
import { badLogin, delivery, silence } from '../session.ts';

/** A mail account on somebody's device, with the server that sends its mail. */
export interface Account {
  readonly port: 25 | 465 | 587;
  /** `gone`: nobody answers any more. `locked`: its password was changed elsewhere. */
  readonly state: 'fine' | 'gone' | 'locked';
  address(): string;
}

/**
 * An account as people have them: 35 % Gmail, 20 % Microsoft, 10 % each Yahoo, Apple, and GMX with IONOS (order of the
 * providers' own numbers of users), 15 % at a small hoster, school or firm. Apps that talk HTTPS to their provider make no
 * mail flow at all; here all use SMTP, the harder case.
 */
export function account(chance: Chance, state: Account['state'] = 'fine'): Account {
  const provider = [google, microsoft, yahoo, apple, ionos][chance.weighted([35, 20, 10, 10, 10, 15])];
  const fixed = stranger(chance);
  return {
    port: chance.is(0.7) ? 587 : 465,
    state,
    address: () => (provider && state !== 'gone' ? serverOf(chance, provider, 'submission') : fixed),
  };
}

/**
 * The account that came with the line, in one home of eight: its relay takes mail from customers on port 25, with no
 * login. What "any port 25" takes for spam.
 */
export function lineAccount(chance: Chance): Account | undefined {
  if (!chance.is(1 / 8)) return undefined;
  const addresses = relayAddresses(chance, 4);
  return { port: 25, state: 'fine', address: () => chance.pick(addresses) };
}

/**
 * So many accounts, one of them that of the line where the home has one; the first is in order. Each other is out of
 * order in one of 12 cases, and at most two of them: a dead account is an old one that was never deleted. Half of the
 * dead answer nothing, half refuse the password.
 */
export function accounts(chance: Chance, count: number, line: Account | undefined): Account[] {
  let dead = 0;
  const place = chance.whole(0, count - 1);
  return Array.from({ length: count }, (_, index) => {
    if (line && index === place) return line;
    if (index === 0 || dead >= 2 || !chance.is(1 / 12)) return account(chance);
    dead++;
    return account(chance, chance.is(0.5) ? 'gone' : 'locked');
  });
}

/** Which account is used: the first for half of the mail, each further one for half of what is left, but none for less than 3 %. */
export function habit(chance: Chance, list: readonly Account[]): Account {
  const index = chance.weighted(list.map((_, place) => Math.max(0.03, 0.5 ** (place + 1))));
  return list[index] ?? chance.pick(list);
}

/**
 * Sends one mail. Sizes: half below 30 kB, a few of megabytes (attachments). A dead account's mail stays in the outbox
 * and is tried again every 5 to 15 minutes, for up to three hours, until its owner notices.
 */
export function send(chance: Chance, device: Device, from: Account, atS: number): void {
  if (from.state === 'fine') {
    const bytes = Math.min(20_000_000, chance.lognormal(30_000, 1.6));
    device.connect(
      atS,
      from.address(),
      from.port,
      delivery(chance, { messages: 1, bytes, login: from.port !== 25 }),
    );
    return;
  }
  const endS = atS + chance.between(0.2, 3) * 3600;
  for (let triedS = atS; triedS < endS; triedS += chance.between(300, 900)) {
    device.connect(
      triedS,
      from.address(),
      from.port,
      from.state === 'gone' ? silence(chance) : badLogin(chance),
    );
  }
}
