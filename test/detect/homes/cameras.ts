import type { Chance } from '../chance.ts';
import { type Device, device, inOrder } from '../device.ts';
import { dayS, type Family, type Made, ordinaryDevices, startS } from '../family.ts';
import { google, relayAddresses, serverOf } from '../servers.ts';
import { delivery } from '../session.ts';
import { awake } from '../times.ts';

/**
 * The alarms of a camera: visits by the hours of the day, each of one to six mails (mean 3), 30 to 90 s apart - cameras
 * let their owner choose the pause between two mails, from none to an hour (Q-See 0 to 3,600 s, TriVision the same; half
 * a minute is a common setting). One mail carries one to three pictures of 30 to 200 kB.
 */
export function alarms(
  chance: Chance,
  camera: Device,
  perDay: number,
  days: number,
  port: 465 | 587,
  relay: () => string,
) {
  for (let day = 0; day < days; day++) {
    const visits = chance.poisson(perDay / 3);
    for (let visit = 0; visit < visits; visit++) {
      let atS = startS + day * dayS + (chance.weighted(awake) + chance.next()) * 3600;
      for (let mail = chance.pick([1, 1, 2, 3, 5, 6]); mail > 0; mail--) {
        const bytes = chance.whole(1, 3) * chance.between(30_000, 200_000);
        camera.connect(atS, relay(), port, delivery(chance, { messages: 1, bytes, login: true }));
        atS += chance.between(30, 90);
      }
    }
  }
}

/** Through one relay of one to four neighbouring addresses. */
function byRelay(chance: Chance, perDay: number, days: number): Made {
  const camera = device(chance);
  const addresses = relayAddresses(chance, chance.whole(1, 4));
  alarms(chance, camera, perDay, days, chance.pick([465, 587]), () => chance.pick(addresses));
  return { flows: inOrder(camera.flows) };
}

const days = 30;
const devices = ordinaryDevices;

/** 25 alarms a day in the mean, detection.md's figure: a camera that looks at a door. */
export const camera25: Family = {
  name: 'camera_25',
  about: 'camera, 25 alarms a day by one relay',
  kind: 'ordinary',
  classes: ['iot', 'unknown'],
  days,
  devices,
  make: (chance) => byRelay(chance, 25, days),
};

/** 120 a day: a camera that looks at a street. */
export const camera120: Family = {
  name: 'camera_120',
  about: 'camera, 120 alarms a day by one relay',
  kind: 'ordinary',
  classes: ['iot', 'unknown'],
  days,
  devices,
  make: (chance) => byRelay(chance, 120, days),
};

/** Through smtp.gmail.com, the relay that makers' instructions name first: 25 a day, and another address for each mail. */
export const cameraGmail: Family = {
  name: 'camera_gmail',
  about: "camera, 25 alarms a day through Gmail's changing addresses",
  kind: 'ordinary',
  classes: ['iot', 'unknown'],
  days,
  devices,
  make(chance) {
    const camera = device(chance);
    const relay = () => serverOf(chance, google, 'submission');
    alarms(chance, camera, 25, days, chance.pick([465, 587]), relay);
    return { flows: inOrder(camera.flows) };
  },
};
