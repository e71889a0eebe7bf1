import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import type { DeviceName } from '../lab/home.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { acceptedFrom, freshGuard, infect, senderOf } from './bots.ts';
import type { Guard } from './guard.ts';
import { bansOf } from './kernel-bans.ts';

let lab: Lab;
let guard: Guard;

/** It stands where the printer stood; these hang on it now, and keep the leases that they have by their own MACs. */
const extender = 'printer';
const behind = ['camera', 'laptop', 'phone', 'visitor'] as const;

const addressOf = (name: DeviceName) => lab.devices[name].ip4;
const device = (name: DeviceName) => ask(guard, 'device', { device: addressOf(name) });
const keyOfExtender = () => lab.devices[extender].mac.replaceAll(':', '');

/**
 * A repeater as most are: it answers ARP for all behind it and sends what they send under its own MAC. Its ports are
 * links of its own, so that not one frame of theirs reaches the router's bridge.
 */
async function wireExtender(): Promise<void> {
  const on = (name: string) => lab.run(extender, ['busybox', 'sysctl', '-q', '-w', name]);
  await lab.run('visitor', ['ip', 'addr', 'flush', 'dev', 'eth0']);
  for (const name of behind) {
    await lab.run('router', ['ip', 'link', 'set', `p-${name}`, 'netns', extender]);
    await lab.run(extender, ['ip', 'link', 'set', `p-${name}`, 'up']);
  }
  // One that never asked for a lease.
  await lab.run('visitor', ['ip', 'addr', 'add', `${visitor}/24`, 'dev', 'eth0']);
  await lab.run('visitor', ['ip', 'route', 'replace', 'default', 'via', '192.168.1.1']);
  await on('net.ipv4.ip_forward=1');
  for (const name of behind) {
    const address = name === 'visitor' ? visitor : addressOf(name);
    await lab.run(extender, ['ip', 'route', 'add', `${address}/32`, 'dev', `p-${name}`]);
    await on(`net.ipv4.conf.p-${name}.proxy_arp=1`);
    await on(`net.ipv4.neigh.p-${name}.proxy_delay=0`);
    await lab.run(name, ['ip', 'neigh', 'flush', 'dev', 'eth0']);
  }
  await on('net.ipv4.conf.eth0.proxy_arp=1');
  await on('net.ipv4.neigh.eth0.proxy_delay=0');
  await lab.run('router', ['ip', 'neigh', 'flush', 'dev', 'br-lan']);
}

/** Where the guest lives once it is on the extender. */
const visitor = '192.168.1.61';

const mail = async (name: DeviceName, relays: readonly string[], count: number, everyMs = 400) =>
  lab.actor(name, 'laptop-mail', {
    ...{ relays, count, everyMs, durationS: 30 },
    from: `${name}@home.example`,
  });

describeLab('several devices behind one MAC', () => {
  beforeAll(async () => {
    lab = await startLab();
    await wireExtender();
  });
  beforeEach(async () => {
    guard = await freshGuard(lab);
  });
  afterEach(() => guard.stop());
  afterAll(() => lab?.stop());

  test('their mail passes; one that is infected is blocked by its address, and the others go on', async () => {
    const { spread4 } = lab.addresses;
    const homes = ['laptop', 'phone', 'visitor'] as const;
    const usual = (index: number) => spread4.slice(index * 4, index * 4 + 4);
    const first = await Promise.all(homes.map((name, index) => mail(name, usual(index), 8)));
    for (const { done } of first) expect(await done).toMatchObject({ accepted: 8, errors: {} });
    expect(await bansOf(lab)).toEqual({});
    expect(await ask(guard, 'incidents')).toMatchObject({ incidents: [] });

    const others = await Promise.all(homes.map((name, index) => mail(name, usual(index), 24)));
    await infect(lab, 'camera', '4', { targets: spread4.slice(20), durationS: 8 });
    const { mac, ip4 } = lab.devices.camera;
    await guard.until(ip4, ({ state }) => state === 'blocked', 10_000);
    for (const { done } of others) expect(await done).toMatchObject({ accepted: 24, errors: {} });
    await sleep(500);
    const bans = await bansOf(lab);
    expect(Object.entries(bans).map(([key, { set }]) => [key, set])).toEqual([[ip4, 'blocked_ip4']]);
    expect(bans[ip4]?.refused).toBeGreaterThan(50);
    const leaked = await acceptedFrom(lab, 'camera');
    console.log(`${leaked} messages of ${senderOf('camera')} were accepted`);
    expect(leaked).toBeLessThanOrEqual(4);

    expect(await device('camera')).toMatchObject({ behind: keyOfExtender(), state: 'blocked' });
    expect(await device('phone')).toMatchObject({ behind: keyOfExtender(), state: 'normal' });
    expect(await guard.cli('device', ip4)).toMatch(new RegExp(`behind +${keyOfExtender()}`));
    const { incidents } = await ask(guard, 'incidents');
    expect(incidents).toHaveLength(1);
    expect(incidents[0]).toMatchObject({ device: ip4 });
    // By its own MAC, which its lease names, nothing is known or held.
    expect(JSON.stringify(await ask(guard, 'devices'))).not.toContain(mac.replaceAll(':', ''));

    // A restart knows who is who before it has looked around.
    await guard.process.kill('SIGKILL');
    await guard.restart();
    const after = await Promise.all(homes.map((name, index) => mail(name, usual(index), 4)));
    for (const { done } of after) expect(await done).toMatchObject({ accepted: 4, errors: {} });
    expect(Object.keys(await bansOf(lab))).toEqual([ip4]);
    expect((await device('camera')).state).toBe('blocked');
  });

  test('a device that sends each of its messages from another address is held by its MAC', async () => {
    const { spread4 } = lab.addresses;
    const { mac, iface } = lab.devices.tv;
    for (const [index, server] of spread4.entries()) {
      const own = `192.168.1.${100 + index}`;
      await lab.run('tv', ['ip', 'addr', 'add', `${own}/24`, 'dev', iface]);
      await lab.run('tv', ['ip', 'route', 'add', server, 'via', '192.168.1.1', 'src', own]);
    }
    const bot = await infect(lab, 'tv', '4', { durationS: 12 });
    await guard.until(mac, ({ state }) => state === 'restricted', 10_000);
    const honest = await mail('laptop', spread4.slice(0, 2), 6);
    expect(await honest.done).toMatchObject({ accepted: 6, errors: {} });
    const { attempts } = await bot.done;
    const held = Object.entries(await bansOf(lab)).map(([key, { set }]) => `${set} ${key}`);
    const leaked = await acceptedFrom(lab, 'tv');
    console.log(`${leaked} of ${attempts} messages were accepted; held: ${held.join(', ')}`);
    expect(held).toContain(`restricted_mac ${mac}`);
    expect(held.length).toBeLessThanOrEqual(3);
    expect(leaked).toBeLessThanOrEqual(12);
    expect((await device('laptop')).state).toBe('normal');
  });
});
