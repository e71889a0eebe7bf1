import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deviceBudgets } from '../../daemon/enforcement/budgets.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { acceptedFrom, infect, senderOf, serversOf } from './bots.ts';
import { type Guard, startGuard } from './guard.ts';

/** What invented devices can fill: everything that packets fill and that is not for known devices. */
const forStrangers = [
  ...['mac', 'ip4', 'ip6'].flatMap((kind) => [
    `new_connections_default_${kind}`,
    `new_commands_default_${kind}`,
    `overruns_new_${kind}`,
  ]),
  ...['mac4', 'mac6', 'ip4', 'ip6'].map((pair) => `attempts_new_${pair}`),
];

let lab: Lab;
let guard: Guard;

describeLab('a flood from invented devices', () => {
  beforeAll(async () => {
    lab = await startLab({ delayMs: 20 });
    guard = await startGuard(lab);
  });
  afterAll(() => lab?.stop());

  const mail = (host: 'laptop' | 'phone', everyMs: number, count: number) =>
    lab.actor(host, 'laptop-mail', {
      ...{ relays: [lab.names.laptopRelay.name], everyMs, count, durationS: 40, from: senderOf(host) },
    });

  /** On each network at once: random MACs on those with Ethernet, random addresses on the one without. */
  const flood = async (more: { flags?: number; payloadBytes?: number }) => {
    const macOf = (name: string) => lab.networks.find((network) => network.name === name)?.mac ?? '';
    const { spread4, spread6 } = lab.addresses;
    const all = { targets: [...spread4, ...spread6], rate: 6000, count: 8000, durationS: 10, ...more };
    const floods = await Promise.all([
      lab.actor('tv', 'spoof-flood', { ...all, gatewayMac: macOf('lan') }),
      lab.actor('doorbell', 'spoof-flood', {
        ...{ ...all, gatewayMac: macOf('guest'), source4: '192.168.3.0/24', source6: '2001:db8:3::/64' },
      }),
      lab.actor('roadwarrior', 'spoof-flood', {
        ...{ ...all, iface: 'tun0', source4: '10.8.0.0/16', source6: '2001:db8:8::/48' },
      }),
    ]);
    for (const one of floods) expect(await one.done).toMatchObject({ attempts: 8000, lost: 0 });
  };

  test('fills every set, and neither frees a bot nor harms a device of the home', async () => {
    // The phone has a relay, and then rests; the laptop mails all the time.
    await (await mail('phone', 0, 1)).done;
    await guard.until(lab.devices.phone.mac, ({ relays }) => relays.length > 0);
    const laptop = await mail('laptop', 1000, 40);
    await guard.until(lab.devices.laptop.mac, ({ relays }) => relays.length > 0);

    await flood({});
    // A reset with a payload belongs to no connection: the packets of commands, without one.
    await flood({ flags: 4, payloadBytes: 60 });
    expect(await fillOf(lab, forStrangers)).toEqual(
      Object.fromEntries(forStrangers.map((name) => [name, 1])),
    );

    const known = await infect(lab, 'camera', 'both', { durationS: 10 });
    const stranger = await lab.actor('visitor', 'mac-changer', {
      ...{ targets: serversOf(lab, 'both'), durationS: 10, alsoAddresses: true, from: senderOf('visitor') },
    });
    const isHeld = ({ state }: { readonly state: string }) => state === 'restricted' || state === 'blocked';
    await guard.until(lab.devices.camera.mac, isHeld);
    // What a server has taken in it accepts a little later.
    await sleep(300);
    const whenHeld = await acceptedFrom(lab, 'camera');
    for (const bot of [known, stranger]) expect((await bot.done).attempts).toBeGreaterThan(600);
    const [camera, visitor] = [await acceptedFrom(lab, 'camera'), await acceptedFrom(lab, 'visitor')];
    console.log(`with every set full: ${camera} messages of the camera, ${visitor} under new MACs`);
    expect(camera).toBe(whenHeld);
    expect(camera).toBeLessThanOrEqual(deviceBudgets.iot.connections.burst);
    // All of it under its first MAC, as a device of the home: the flood has left strangers nothing.
    expect(visitor).toBeLessThanOrEqual(deviceBudgets.default.connections.burst);
    expect(await ask(guard, 'device', { device: 'reolink-e1' })).toSatisfy(isHeld);
    expect((await ask(guard, 'status')).degraded.map(({ code }) => code)).toContain('set_full');

    // More mails than a device without a relay may begin: the phone's relay was not forgotten.
    expect(await (await mail('phone', 20, 30)).done).toMatchObject({ accepted: 30, errors: {} });
    const { attempts, accepted: sent, errors } = await laptop.stop();
    expect(attempts).toBeGreaterThan(12);
    expect(sent).toBeGreaterThanOrEqual(attempts - 1);
    expect(errors).toEqual({});
    expect(await acceptedFrom(lab, 'laptop')).toBeGreaterThanOrEqual(sent);

    // The flood is one story, not thousands: of who was invented only some are told.
    const invented = await ask(guard, 'incidents', { limit: 1000 });
    expect(invented.incidents.length).toBeLessThan(150);
  });
});

interface Listed {
  readonly nftables: readonly {
    readonly set?: { readonly name: string; readonly size: number; readonly elem?: readonly unknown[] };
  }[];
}

/** How full sets are, 1 at their bound. */
async function fillOf(home: Lab, names: readonly string[]): Promise<Record<string, number>> {
  const { nftables } = JSON.parse(await home.nft('-j', 'list', 'table', 'inet', 'postern')) as Listed;
  const fill: Record<string, number> = {};
  for (const { set } of nftables) {
    if (set && names.includes(set.name)) fill[set.name] = (set.elem?.length ?? 0) / set.size;
  }
  return fill;
}
