import { directFast, directFastDropped } from './bots/direct-mx.ts';
import { freemail, oneProvider } from './bots/providers-only.ts';
import { tenADay, tenMails } from './bots/slow.ts';
import { oneRelay, twentyRelays } from './bots/stolen-relays.ts';
import type { Family } from './family.ts';
import { nas, printer, printerDeadRelay, printerNewRelay } from './homes/appliances.ts';
import { camera25, camera120, cameraGmail } from './homes/cameras.ts';
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
  homeServer,
  threeDeadRelays,
  twoDomains,
  spreadRelay,
  printerNewRelay,
  powerUserPort25,
];
