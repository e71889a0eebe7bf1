import { afterAll, beforeAll, expect, test } from 'vitest';
import { mailsOfOffice } from '../bench/office-mails.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { makeOffice } from '../lab/office.ts';
import { ask } from './ask.ts';
import { type Guard, startGuard } from './guard.ts';

let lab: Lab;
let guard: Guard;

describeLab('a first day', () => {
  beforeAll(async () => {
    lab = await startLab({ delayMs: 5 });
    // Its 2,700 packets a picture are beyond any budget: its owner has named the relay (decision 17).
    const relay = [`${lab.addresses.ownerRelay}:587`];
    guard = await startGuard(lab, { devices: [{ mac: lab.devices.camera.mac, relay }] });
  });
  afterAll(() => lab?.stop());

  test('of an office of 20 whom nobody knows, a scanner with 40 MB, a camera with 100-byte writes: all mails pass', async () => {
    const { ownerRelay, ispRelay4 } = lab.addresses;
    const desks = await makeOffice(lab, 20);
    const [office, scanner, camera] = await Promise.all([
      lab.actor('laptop', 'office', { clients: mailsOfOffice(lab, desks, 2), durationS: 25 }),
      lab.actor('printer', 'attachment', {
        ...{ relays: [ispRelay4[0] ?? ''], port: 587, attachmentBytes: 40_000_000 },
        ...{ count: 2, everyMs: 9000, durationS: 25 },
      }),
      lab.actor('camera', 'small-writes', { target: ownerRelay, port: 587, count: 2, durationS: 25 }),
    ]);
    expect(await office.done).toMatchObject({ attempts: 80, accepted: 80, errors: {} });
    expect(await scanner.done).toMatchObject({ attempts: 2, accepted: 2, errors: {} });
    expect(await camera.done).toMatchObject({ attempts: 2, accepted: 2, errors: {} });
    const sizes = (await lab.sink.accepted()).map(({ bytes }) => bytes);
    expect(sizes.filter((bytes) => bytes > 40_000_000)).toHaveLength(2);
    expect((await ask(guard, 'status')).refused).toBe(0);
    const { devices } = await ask(guard, 'devices');
    // A camera that writes so is taken for a mass mailer and slowed elsewhere than at its relay: see docs/limits.md.
    const held = devices.filter(({ state }) => state !== 'normal' && state !== 'watched');
    expect(held.map(({ device, state }) => `${device} ${state}`)).toEqual(['ec71db5e1001 slowed']);
  });
});
