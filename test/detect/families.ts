import { directFast, directFastDropped } from './bots/direct-mx.ts';
import { overIp6, threeFirms, waves } from './bots/few-servers.ts';
import { infectedLaptop, infectedLaptopRelays } from './bots/infected.ts';
import { freemail, oneProvider } from './bots/providers-only.ts';
import { tenADay, tenMails } from './bots/slow.ts';
import { fiveRelays, oneRelay, oneRelayADay, twentyRelays } from './bots/stolen-relays.ts';
import type { Family } from './family.ts';
import { nas, printer, printerDeadRelay, printerNewRelay } from './homes/appliances.ts';
import { camera25, camera120, cameraGmail } from './homes/cameras.ts';
import { dualStack, guessedSetup, newProvider, treasurer } from './homes/changes.ts';
import { homeServer, spreadRelay, threeDeadRelays, twoDomains } from './homes/difficult.ts';
import { laptop, phone, phoneOfMany, powerUser, powerUserPort25, webPage } from './homes/people.ts';
import { extender, outage } from './homes/surroundings.ts';

/** Every family, in the order of the table. */
export const families: readonly Family[] = [
  directFastDropped,
  directFast,
  tenMails,
  tenADay,
  twentyRelays,
  oneRelay,
  freemail,
  oneProvider,
  threeFirms,
  waves,
  overIp6,
  fiveRelays,
  oneRelayADay,
  infectedLaptop,
  infectedLaptopRelays,
  camera25,
  camera120,
  cameraGmail,
  nas,
  printer,
  printerDeadRelay,
  phone,
  phoneOfMany,
  laptop,
  powerUser,
  webPage,
  outage,
  extender,
  newProvider,
  treasurer,
  dualStack,
  homeServer,
  threeDeadRelays,
  twoDomains,
  spreadRelay,
  printerNewRelay,
  powerUserPort25,
  guessedSetup,
];
