import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deviceBudgets } from '../../daemon/enforcement/budgets.ts';
import { setsOf } from '../../daemon/enforcement/sets.ts';
import type { ActorArgs } from '../lab/actor-types.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { acceptedFrom, infect, senderOf, serversOf } from './bots.ts';
import { type Guard, startGuard } from './guard.ts';

/** Every set of the table that packets fill. */
const filledByPackets = setsOf(['lan', 'guest', 'vpn'], []).filter(({ fill }) => fill === 'dynamic');

/**
 * How full a flood of invented devices makes a set, 1 at its bound. What is for known devices has room left. So has what
 * counts connections that pass, or needs one for each key: all strangers of a network share 40 of them, 20 more as things.
 */
function fillable(name: string): readonly [least: number, most: number] {
  if (/^(?:new|overruns_new|attempts_new)_|^openings_mac$/.test(name)) return [1, 1];
  if (/^ledger_new_(?:mac\d_(?:lan|guest)|ip\d_vpn)$|^openings_ip\d$/.test(name)) return [0.0005, 0.5];
  // The keys of the other sort of link.
  if (/^ledger_new_/.test(name)) return [0, 0];
  if (/^(?:ledger|attempts|overruns)_|^refusals$/.test(name)) return [0, 0.5];
  throw new Error(`nothing is said of the set ${name}`);
}

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

  const macOf = (name: string) => lab.networks.find((network) => network.name === name)?.mac ?? '';
  type Shape = Partial<ActorArgs['spoof-flood']>;

  /** On each network at once: random MACs on those with Ethernet, random addresses on the one without. */
  const flood = async (shape: Shape, isEverywhere = true) => {
    const all = { targets: serversOf(lab, 'both'), rate: 6000, count: 8000, durationS: 10, ...shape };
    const floods = await Promise.all([
      ...(isEverywhere ? [lab.actor('tv', 'spoof-flood', { ...all, gatewayMac: macOf('lan') })] : []),
      lab.actor('doorbell', 'spoof-flood', {
        ...{ ...all, gatewayMac: macOf('guest'), source4: '192.168.3.0/24', source6: '2001:db8:3::/64' },
      }),
      lab.actor('roadwarrior', 'spoof-flood', {
        ...{ ...all, iface: 'tun0', source4: '10.8.0.0/16', source6: '2001:db8:8::/48' },
      }),
    ]);
    for (const one of floods) expect(await one.done).toMatchObject({ attempts: 8000, lost: 0 });
  };
  // A reset with a payload belongs to no connection: the packets of commands, without one.
  const commands = { flags: 4, payloadBytes: 60 };

  /** What counts as the begin of a session: a push on a connection whose server has only greeted. A reset gets no further answer. */
  const openSessions = async () => {
    const { spread4, spread6 } = lab.addresses;
    const { tv } = lab.devices;
    const one = { sourcePort: 4444, rate: 6000, durationS: 5, targets: [spread4[0] ?? ''] };
    // One connection of the TV, and then each MAC pretends to speak on it.
    const lan = { ...one, gatewayMac: macOf('lan'), source4: `${tv.ip4}/32` };
    // Without Ethernet each address needs a connection of its own.
    const vpn = { ...one, iface: 'tun0', source4: '10.8.0.128/27', source6: '2001:db8:8::80/123' };
    const both = [spread4[0] ?? '', spread6[0] ?? ''];
    for (const [flags, sequence] of [
      [2, 1000],
      [12, 1001],
    ] as const) {
      const first = { flags, sequence };
      const floods = await Promise.all([
        lab.actor('tv', 'spoof-flood', {
          ...{ ...lan, ...first, ...(flags === 2 ? { sourceMac: tv.mac, count: 1 } : { count: 3000 }) },
        }),
        lab.actor('roadwarrior', 'spoof-flood', { ...vpn, ...first, targets: both, count: 300 }),
      ]);
      for (const { done } of floods) expect(await done).toMatchObject({ lost: 0 });
    }
  };

  /** Another class for the networks of guests and of the tunnel, once the kernel has it. */
  const reclassify = async (of: 'iot' | 'default') => {
    guard.configure(of === 'iot' ? { classes: { guest: of, vpn: of } } : {});
    await guard.process.kill('SIGHUP');
    await expect
      .poll(() => lab.nft('list', 'chain', 'inet', 'postern', 'strangers_vpn'), { timeout: 10_000 })
      .toContain(`new_connections_${of}_`);
  };

  test('fills every set, and neither frees a bot nor harms a device of the home', async () => {
    // The phone has a relay, and then rests; the laptop mails all the time.
    await (await mail('phone', 0, 1)).done;
    await guard.until(lab.devices.phone.mac, ({ relays }) => relays.length > 0);
    const laptop = await mail('laptop', 1000, 40);
    await guard.until(lab.devices.laptop.mac, ({ relays }) => relays.length > 0);

    await openSessions();
    await flood({});
    await flood(commands);
    // A thing's port 25 is shut: what fills its sets goes to a submission service.
    await reclassify('iot');
    await flood({ ports: [587] }, false);
    await flood({ ports: [587], ...commands }, false);
    await reclassify('default');
    const fill = await fillOf(lab);
    for (const { name } of filledByPackets) {
      const [least, most] = fillable(name);
      expect(fill[name], name).toBeGreaterThanOrEqual(least);
      expect(fill[name], name).toBeLessThanOrEqual(most);
    }

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

/** How full each set is, 1 at its bound. */
async function fillOf(home: Lab): Promise<Record<string, number>> {
  const { nftables } = JSON.parse(await home.nft('-j', 'list', 'table', 'inet', 'postern')) as Listed;
  const sets = nftables.flatMap(({ set }) => (set ? [set] : []));
  return Object.fromEntries(sets.map(({ name, size, elem }) => [name, (elem?.length ?? 0) / size]));
}
