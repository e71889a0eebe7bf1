import type { Chance } from '../chance.ts';
import { badLogin, delivery, refusal, type Session, silence, turnedAway } from '../session.ts';

/**
 * One attempt to leave a mail with a stranger's exchanger.
 *
 * - taken 24 %: of 347,590,389 mails that Storm's bots sent in one campaign 82.7 million (23.8 %) were accepted by their
 *   recipients' servers; 25 % in two others (Kanich et al., Spamalytics, CCS 2008, table 1).
 * - nobody there, half of them refused: a share drawn for each bot between 5 and 35 %, by the age of its list of
 *   recipients and by whether its provider drops part of them. No source gives it apart from the other failures; it is
 *   what decides whether TRW sees a bot at all, and one of the unknowns.
 * - turned away, all others: block lists of dial-up addresses, unknown users.
 */
export function spamSession(chance: Chance, absent: number): Session {
  if (chance.is(0.24)) return delivery(chance, { messages: 1, bytes: spamBytes(chance), login: false });
  if (chance.is(absent / 0.76)) return chance.is(0.5) ? refusal(chance) : silence(chance);
  return turnedAway(chance);
}

/** The share of a bot's recipients whose servers do not answer: see {@link spamSession}. */
export const absentShare = (chance: Chance): number => chance.between(0.05, 0.35);

/** Spam is text with a link: 2 to 8 kB in most cases, as the sessions of Neris that got through (5 to 14 kB a session). */
export function spamBytes(chance: Chance): number {
  return Math.min(40_000, Math.max(800, chance.lognormal(3_500, 0.6)));
}

/**
 * One attempt through a relay with a stolen login, with one mail a session.
 *
 * The login works or the relay answers no: logins are sold in lists of uncertain age. Nobody publishes how many still
 * work; `dead` is drawn for each bot between none and two fifths, which leaves it as one of the unknowns.
 */
export function stolenSession(chance: Chance, isDead: boolean): Session {
  if (isDead) return chance.is(0.8) ? badLogin(chance) : silence(chance);
  return delivery(chance, { messages: 1, bytes: spamBytes(chance), login: true });
}
