import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import type { DeviceName } from '../lab/home.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { type Guard, startGuard } from './guard.ts';

let lab: Lab;
let guard: Guard;

/** Addresses of one provider's submission servers in blocks far apart. */
const gmail = [
  '64.233.184.108',
  '74.125.133.109',
  '108.177.15.108',
  '173.194.76.109',
  '209.85.128.108',
  '172.253.63.108',
];

const who = (name: DeviceName) => ({ device: lab.devices[name].mac || lab.devices[name].ip4 });

describeLab('mail that is nobody else’s business', () => {
  beforeAll(async () => {
    lab = await startLab();
    guard = await startGuard(lab, { devices: [{ mac: lab.devices.mailserver.mac, class: 'mailserver' }] });
  });

  afterAll(() => lab?.stop());

  test('honest senders: a mail server, a camera at a provider, a printer at its ISP', async () => {
    const { spread4, spread6, google4, google6, ispRelay4, ispRelay6 } = lab.addresses;
    // The provider answers from all over its blocks, each of them a network of its own.
    await Promise.all(
      gmail.map((address) => lab.run('internet', ['ip', 'route', 'replace', 'local', address, 'dev', 'lo'])),
    );
    const relays = [...gmail, ...google4.slice(0, 7), ...google6.slice(0, 7)];
    const servers = [...spread4.slice(0, 30), ...spread6.slice(0, 30)];
    // Its first alarm makes the provider known; the storm comes later.
    const alarm = { durationS: 40, from: 'camera@home.example' };
    expect(
      (await (await lab.actor('camera', 'camera-alarm', { ...alarm, relays, count: 1 })).done).accepted,
    ).toBe(1);
    await expect
      .poll(async () => (await ask(guard, 'device', who('camera'))).relays, { timeout: 15_000 })
      .toContain('google:465/587');
    const senders = await Promise.all([
      lab.actor('mailserver', 'direct-mx-bot', {
        ...{ targets: servers, workers: 4, maxMessages: 200, durationS: 40, from: 'server@home.example' },
      }),
      lab.actor('camera', 'camera-alarm', { ...alarm, relays, everyMs: 180, count: 59 }),
      lab.actor('printer', 'printer', {
        ...{ relays: ispRelay4, everyMs: 500, count: 18, durationS: 40, from: 'printer@home.example' },
      }),
      lab.actor('phone', 'printer', {
        ...{ relays: ispRelay6, everyMs: 600, count: 12, durationS: 40, from: 'phone@home.example' },
      }),
    ]);
    const [server, camera, printer, phone] = await Promise.all(senders.map(({ done }) => done));
    expect(server).toMatchObject({ attempts: 200, accepted: 200, errors: {} });
    expect(camera).toMatchObject({ accepted: 59, errors: {} });
    expect(printer).toMatchObject({ accepted: 18, errors: {} });
    expect(phone).toMatchObject({ accepted: 12, errors: {} });
    const { bySender, byDestination } = await lab.sink.counts();
    expect(bySender).toEqual({
      ...{ 'server@home.example': 200, 'camera@home.example': 60 },
      ...{ 'printer@home.example': 18, 'phone@home.example': 12 },
    });
    expect(servers.filter((address) => byDestination[address])).toHaveLength(60);

    const names = ['mailserver', 'camera', 'printer', 'phone'] as const;
    const devices = await Promise.all(names.map((name) => ask(guard, 'device', who(name))));
    console.log(devices.map(({ name, score, class: of }) => `${name}: ${of}, score ${score}`).join('\n'));
    expect(devices.map(({ connections }) => connections)).toEqual([200, 60, 18, 12]);
    for (const device of devices) {
      expect(['normal', 'watched']).toContain(device.state);
      expect(device).toMatchObject({ refused: 0 });
    }
    expect(await ask(guard, 'incidents')).toMatchObject({ incidents: [] });
  });

  test('mail within the home and to the router, also of devices that are blocked', async () => {
    await ask(guard, 'block', who('laptop'));
    await ask(guard, 'block', who('roadwarrior'));
    const [router, mailserver, visitor] = await Promise.all([
      lab.startSink('router', [25, 587]),
      lab.startSink('mailserver'),
      lab.startSink('visitor'),
    ]);
    const targetsOf = (names: readonly DeviceName[], routers: readonly string[]) => [
      ...names.flatMap((name) => [lab.devices[name].ip4, lab.devices[name].ip6]),
      ...routers,
    ];
    const flood = { workers: 4, maxMessages: 120, durationS: 20 };
    // Bridged (laptop to mail server), routed between guarded networks, and into the router.
    const laptop = targetsOf(['mailserver', 'visitor'], ['192.168.1.1', '2001:db8:1::1']);
    const road = targetsOf(['mailserver'], ['10.8.0.1', '2001:db8:8::1', '192.168.1.1', '203.0.113.2']);
    const bots = await Promise.all([
      lab.actor('laptop', 'direct-mx-bot', { ...flood, targets: laptop, from: 'laptop@home.example' }),
      lab.actor('roadwarrior', 'direct-mx-bot', { ...flood, targets: road, from: 'road@home.example' }),
      lab.actor('laptop', 'camera-alarm', {
        ...{
          relays: ['192.168.1.1'],
          everyMs: 100,
          count: 10,
          durationS: 10,
          from: 'laptop587@home.example',
        },
      }),
    ]);
    for (const bot of bots) expect((await bot.done).errors).toEqual({});
    expect((await mailserver.counts()).bySender).toEqual({
      'laptop@home.example': 40,
      'road@home.example': 40,
    });
    expect((await visitor.counts()).bySender).toEqual({ 'laptop@home.example': 40 });
    expect((await router.counts()).bySender).toEqual({
      ...{ 'laptop@home.example': 40, 'road@home.example': 80, 'laptop587@home.example': 10 },
    });

    // They are blocked indeed: what leaves the home is refused.
    const [target = ''] = lab.addresses.spread4;
    for (const name of ['laptop', 'roadwarrior'] as const) {
      const out = await lab.actor(name, 'direct-mx-bot', { targets: [target], maxMessages: 3, durationS: 3 });
      expect(await out.done).toMatchObject({ accepted: 0, connected: 0 });
      // Nothing within the home counted, whether as a connection or as an attempt.
      await expect
        .poll(() => ask(guard, 'device', who(name)), { timeout: 5000 })
        .toMatchObject({ connections: 0, refused: 3 });
    }
  });
});
