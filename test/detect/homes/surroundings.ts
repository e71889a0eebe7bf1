import type { Outage } from '../../../daemon/replay/replay-options.ts';
import type { Chance } from '../chance.ts';
import { type Device, device, inOrder } from '../device.ts';
import { dayS, type Family, type MadeFlow, ordinaryDevices, startS } from '../family.ts';
import { relayAddresses } from '../servers.ts';
import { silence } from '../session.ts';
import { accounts, habit, lineAccount } from './accounts.ts';
import { alarms } from './cameras.ts';
import { mails } from './people.ts';

const days = 30;
const devices = ordinaryDevices;

/** Whatever was tried in the outage got no answer, whoever was asked. */
function darken(chance: Chance, flows: readonly MadeFlow[], { fromS, toS }: Outage): MadeFlow[] {
  return flows.map((flow) => (flow.tsS >= fromS && flow.tsS < toS ? { ...flow, ...silence(chance) } : flow));
}

/**
 * A phone or laptop of three to twelve accounts in a home whose line fails twice a month for half an hour to eight
 * hours, in the daytime, when it is noticed; in a quarter of the homes first on the very day on which the guard is
 * installed, when no relay is known yet. One to four mails from any of the accounts wait, and each is tried every 5 minutes; its
 * address comes from the resolver's cache.
 */
export const outage: Family = {
  name: 'outage',
  about: 'phone or laptop in a home whose line fails twice a month',
  kind: 'ordinary',
  classes: ['computer', 'unknown'],
  days,
  devices,
  make(chance) {
    const one = device(chance);
    const list = accounts(chance, chance.whole(3, 12), lineAccount(chance));
    mails(chance, one, list, chance.between(2, 10));
    const firstDay = chance.is(0.25) ? 0 : chance.whole(1, days - 2);
    const outages = [firstDay, chance.whole(firstDay + 1, days - 1)].map((day) => {
      const fromS = startS + (day + chance.between(0.35, 0.8)) * dayS;
      return { fromS, toS: fromS + chance.between(0.5, 8) * 3600 };
    });
    for (const span of outages) retryAll(chance, one, list, span);
    const flows = outages.reduce<MadeFlow[]>((lit, span) => darken(chance, lit, span), [...one.flows]);
    return { flows: inOrder(flows), outages };
  },
};

function retryAll(
  chance: Chance,
  on: Device,
  list: ReturnType<typeof accounts>,
  { fromS, toS }: Outage,
): void {
  for (let mail = chance.whole(1, 4); mail > 0; mail--) {
    const from = chance.is(0.5) ? habit(chance, list) : chance.pick(list);
    for (let atS = fromS + chance.next() * 1800; atS < toS; atS += 300) {
      on.connect(atS, from.address(), from.port, silence(chance));
    }
  }
}

/** Two phones, a laptop, a camera and a printer behind a repeater that shows its own MAC for all of them. */
export const extender: Family = {
  name: 'extender',
  about: 'extender with 5 devices behind one MAC',
  kind: 'ordinary',
  classes: ['unknown'],
  days,
  devices,
  make(chance) {
    const line = lineAccount(chance);
    const mac = '52:54:00:00:00:01';
    const behind = (host: number) => device(chance, `192.168.1.${host}`, mac);
    const people = [51, 52, 53].map((host) => {
      const one = behind(host);
      mails(chance, one, accounts(chance, chance.whole(1, 4), line), chance.between(1, 8));
      return one;
    });
    const camera = behind(54);
    const addresses = relayAddresses(chance, 2);
    alarms(chance, camera, 15, days, 587, () => chance.pick(addresses));
    const printer = behind(55);
    mails(chance, printer, accounts(chance, 1, line), 1);
    return { flows: inOrder([...people, camera, printer].flatMap(({ flows }) => flows)) };
  },
};
