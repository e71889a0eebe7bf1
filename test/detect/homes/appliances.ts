import type { Chance } from '../chance.ts';
import { device, inOrder } from '../device.ts';
import { dayS, type Family, fewDevices, type Made, ordinaryDevices, startS } from '../family.ts';
import { relayAddresses } from '../servers.ts';
import { delivery, silence } from '../session.ts';
import { awake, moments } from '../times.ts';
import { account } from './accounts.ts';

const days = 30;
const devices = ordinaryDevices;

/**
 * A network storage: a report each night at a fixed time (the makers' default is daily or weekly), now and then a notice
 * (one every other day), one bad night with 10 to 40 notices (a failing disk tells each error), and one afternoon
 * on which its relay does not answer: it tries every 10 minutes for two to six hours.
 */
export const nas: Family = {
  name: 'nas',
  about: 'network storage, nightly report, one bad night, one afternoon without its relay',
  kind: 'ordinary',
  classes: ['appliance', 'unknown'],
  days,
  devices,
  make(chance) {
    const box = device(chance);
    const relay = account(chance);
    const report = (atS: number) => {
      const load = { messages: 1, bytes: chance.lognormal(6_000, 0.8), login: relay.port !== 25 };
      box.connect(atS, relay.address(), relay.port, delivery(chance, load));
    };
    const hour = chance.whole(0, 6);
    for (let day = 0; day < days; day++) report(startS + day * dayS + hour * 3600 + chance.between(0, 60));
    for (const atS of moments(chance, 0.5, days, awake)) report(atS);
    const badS = startS + chance.whole(1, days - 1) * dayS;
    for (let notice = chance.whole(10, 40); notice > 0; notice--) report(badS + chance.next() * 4 * 3600);
    const afternoonS = startS + (chance.whole(1, days - 1) + 0.6) * dayS;
    const address = relay.address();
    for (let atS = afternoonS; atS < afternoonS + chance.between(2, 6) * 3600; atS += 600) {
      box.connect(atS, address, relay.port, silence(chance));
    }
    return { flows: inOrder(box.flows) };
  },
};

/**
 * A printer that mails what it scans through its access provider's relay on port 25, no login: three scans a day, of
 * 100 kB to some MB. The relay's name has 12 addresses (detection.md's row), all in one /16.
 */
export const printer: Family = {
  name: 'printer_isp_relay',
  about: 'printer by the relay of its access provider on port 25, 12 addresses under one name',
  kind: 'ordinary',
  classes: ['appliance', 'unknown'],
  days,
  devices,
  make(chance) {
    const box = device(chance);
    const addresses = relayAddresses(chance, 12);
    for (const atS of moments(chance, 3, days, awake)) {
      const load = { messages: 1, bytes: Math.min(10_000_000, chance.lognormal(400_000, 1)), login: false };
      box.connect(atS, chance.pick(addresses), 25, delivery(chance, load));
    }
    return { flows: inOrder(box.flows) };
  },
};

/**
 * A printer whose relay was switched off: each of a few scans a week is tried 24 times (detection.md's figure), 5 minutes
 * apart, until somebody enters another relay after one to three weeks. The new one wants a login on 465 or 587: nobody
 * has opened a relay on port 25 to customers for years, and it is those that are switched off.
 */
export const printerDeadRelay: Family = {
  name: 'printer_dead_relay',
  about: 'printer with a dead relay, 24 retries a scan, and later another relay',
  kind: 'ordinary',
  classes: ['appliance', 'unknown'],
  days,
  devices,
  make: (chance) =>
    withDeadRelay(chance, chance.pick([25, 465, 587] as const), chance.pick([465, 587] as const)),
};

/** The same printer where both relays are on port 25. */
export const printerNewRelay: Family = {
  name: 'printer_new_relay_25',
  about: 'printer with a dead relay on port 25, and later another on port 25',
  kind: 'difficult',
  classes: ['appliance', 'unknown'],
  days,
  devices: fewDevices,
  make: (chance) => withDeadRelay(chance, 25, 25),
};

function withDeadRelay(chance: Chance, deadPort: 25 | 465 | 587, alivePort: 25 | 465 | 587): Made {
  const box = device(chance);
  const [dead = '', alive = ''] = relayAddresses(chance, 2, 2);
  const repairedS = startS + chance.between(7, 21) * dayS;
  for (const atS of moments(chance, 0.6, days, awake)) {
    const bytes = Math.min(10_000_000, chance.lognormal(400_000, 1));
    const load = { messages: 1, bytes, login: alivePort !== 25 };
    if (atS >= repairedS) box.connect(atS, alive, alivePort, delivery(chance, load));
    else
      for (let retry = 0; retry <= 24; retry++)
        box.connect(atS + retry * 300, dead, deadPort, silence(chance));
  }
  return { flows: inOrder(box.flows) };
}
