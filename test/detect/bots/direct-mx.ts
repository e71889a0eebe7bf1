import type { Chance } from '../chance.ts';
import { device, inOrder } from '../device.ts';
import { botClasses, dayS, type Family, type Made, startS } from '../family.ts';
import { google, ionos, microsoft, serverOf, stranger, yahoo } from '../servers.ts';
import { type Session, silence } from '../session.ts';
import { absentShare, spamSession } from './spam.ts';

/**
 * The exchanger of somebody on a bought list of recipients. Of Neris's 14,063 connections 41 % went to Yahoo with AOL, 16 %
 * to Google, 6 % to Microsoft and 1 % to IONOS, the rest to 2,083 others. AOL's share is Yahoo's today; Microsoft's has grown.
 */
export function newRecipientServer(chance: Chance): string {
  const provider = [yahoo, google, microsoft, ionos][chance.weighted([30, 16, 10, 8, 36])];
  return provider ? serverOf(chance, provider, 'exchangers') : stranger(chance);
}

/**
 * The exchanger of the next recipient for a bot that works through its list fast: of Neris's first hundred connections every
 * second, and of the next nine hundred three in four, went to a server that it had met before.
 */
function nextServer(chance: Chance, met: string[]): string {
  if (met.length > 0 && chance.is(met.length < 50 ? 0.5 : 0.75)) return chance.pick(met);
  const server = newRecipientServer(chance);
  met.push(server);
  return server;
}

/** Neris's pace: 40 s or more between its first connections, then half of the gaps below 0.6 s and one in ten above 6.5 s. */
function gapS(chance: Chance, index: number): number {
  return index < 5 ? chance.exponential(60) : chance.lognormal(0.63, 1.8);
}

function fast(chance: Chance, session: () => Session): Made {
  const bot = device(chance);
  const met: string[] = [];
  let atS = startS + chance.next() * dayS;
  for (let index = 0; index < 400; index++) {
    bot.connect(atS, nextServer(chance, met), 25, session());
    atS += gapS(chance, index);
  }
  return { flows: inOrder(bot.flows) };
}

/** Neris's pace and kinds of destinations (CTU-13, scenario 1), where the provider drops port 25 as Neris's did. Its first 400 connections. */
export const directFastDropped: Family = {
  name: 'direct_fast_dropped',
  about: 'direct to MX at the pace of Neris, the provider drops port 25',
  kind: 'bot',
  classes: botClasses,
  days: 1,
  devices: 60,
  make: (chance) => fast(chance, () => silence(chance)),
};

/** The same where nothing is dropped. */
export const directFast: Family = {
  name: 'direct_fast',
  about: 'direct to MX at the pace of Neris, an open network',
  kind: 'bot',
  classes: botClasses,
  days: 1,
  devices: 60,
  make(chance) {
    const absent = absentShare(chance);
    return fast(chance, () => spamSession(chance, absent));
  },
};
