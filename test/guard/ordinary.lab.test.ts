import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import type { DeviceName } from '../lab/home.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { type Guard, startGuard } from './guard.ts';

let lab: Lab;
let guard: Guard;

/** 24 in as many seconds would use up its budget of 20 at once; at their true pace, 5 minutes apart, they never do. */
const retries = 18;

const who = (name: DeviceName) => ({ device: lab.devices[name].mac });

describeLab('an ordinary home', () => {
  beforeAll(async () => {
    lab = await startLab();
    guard = await startGuard(lab, {
      devices: [
        { mac: lab.devices.camera.mac, class: 'iot' },
        // Named, as by an owner: a budget of its own. What they are, nobody said.
        { mac: lab.devices.phone.mac, name: 'phone' },
        { mac: lab.devices.printer.mac, name: 'printer' },
      ],
    });
  });

  afterAll(() => lab?.stop());

  test('a phone of 12 accounts, a camera on a bad night and a printer without its relay are left alone', async () => {
    const { spread4, ownerRelay } = lab.addresses;
    const accounts = spread4.slice(0, 12);
    const [dead = '', alive = ''] = spread4.slice(20, 22);
    await lab.sink.set({ behave: { [dead]: 'drop' } });
    // The camera's first alarm makes its relay known; the burglar comes later.
    const alarm = { relays: [ownerRelay], durationS: 60, from: 'camera@home.example' };
    const first = await lab.actor('camera', 'camera-alarm', { ...alarm, count: 1 });
    expect((await first.done).accepted).toBe(1);
    await expect
      .poll(async () => (await ask(guard, 'device', who('camera'))).relays, { timeout: 15_000 })
      .toHaveLength(1);
    const senders = await Promise.all([
      lab.actor('phone', 'laptop-mail', {
        ...{ relays: accounts, everyMs: 800, count: 12, durationS: 40, from: 'phone@home.example' },
      }),
      lab.actor('camera', 'camera-alarm', { ...alarm, everyMs: 250, count: 119 }),
      lab.actor('printer', 'printer', {
        ...{ relays: [dead], everyMs: 700, count: retries, durationS: 40, from: 'printer@home.example' },
      }),
    ]);
    const [phone, camera, printer] = await Promise.all(senders.map(({ done }) => done));
    const again = await lab.actor('printer', 'printer', {
      ...{ relays: [alive], port: 587, count: 1, durationS: 10, from: 'printer@home.example' },
    });
    expect(phone).toMatchObject({ accepted: 12, errors: {} });
    expect(camera).toMatchObject({ accepted: 119, errors: {} });
    expect(printer).toMatchObject({ attempts: retries, accepted: 0 });
    expect((await again.done).accepted).toBe(1);

    const names = ['phone', 'camera', 'printer'] as const;
    const devices = await Promise.all(names.map((name) => ask(guard, 'device', who(name))));
    console.log(devices.map(({ name, score, state }) => `${name}: ${state}, score ${score}`).join('\n'));
    for (const device of devices) expect(device.state).toMatch(/^(?:normal|watched)$/);
    // All retries are one new server and nothing more.
    expect(devices[2]?.score).toBeLessThan(4.6);
    const { incidents } = await ask(guard, 'incidents');
    const done = incidents.flatMap(({ steps }) => steps.map(({ type }) => type));
    expect(done.filter((type) => /slowed|restricted|blocked|quarantined/.test(type))).toEqual([]);
  });
});
