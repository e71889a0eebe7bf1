import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import type { DeviceName } from '../lab/home.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { acceptedFrom, cleanSlate, freshGuard, senderOf } from './bots.ts';
import { type Guard, labConfig } from './guard.ts';

/** The most that one session may carry before the kernel alone ends it. */
const most = 120;

let lab: Lab;
let guard: Guard | undefined;

describeLab('a session of 5,000 messages', () => {
  beforeAll(async () => {
    lab = await startLab({ delayMs: 20 });
  });
  afterEach(async () => {
    await guard?.stop();
    guard = undefined;
  });
  afterAll(() => lab?.stop());

  /** One session a network, each of a device nobody declared; when it ends the bot opens the next. */
  const sessions = async (durationS: number) => {
    const { ownerRelay, ownerRelay6 } = lab.addresses;
    const hosts: readonly [DeviceName, string][] = [
      ['camera', ownerRelay],
      ['visitor', ownerRelay6],
      ['roadwarrior', ownerRelay],
    ];
    const more = { messages: 5000, reconnect: true, durationS };
    const bots = await Promise.all(
      hosts.map(([host, target]) =>
        lab.actor(host, 'one-session-bot', { ...more, target, from: senderOf(host) }),
      ),
    );
    return async () => {
      const accepted: Partial<Record<DeviceName, number>> = {};
      for (const [index, [host]] of hosts.entries()) {
        expect((await bots[index]?.done)?.resets).toBeGreaterThan(0);
        accepted[host] = await acceptedFrom(lab, host);
        expect(accepted[host]).toBeGreaterThan(10);
        expect(accepted[host]).toBeLessThanOrEqual(most);
      }
      return accepted;
    };
  };

  /** A mail with 20 MB at 25 and another at 587 of two more undeclared devices, one over IPv4, the other over IPv6. */
  const attachmentsPass = async () => {
    const { laptopRelay, laptopRelay6 } = lab.addresses;
    for (const [host, relay] of [
      ['laptop', laptopRelay],
      ['phone', laptopRelay6],
    ] as const) {
      for (const port of [25, 587]) {
        const mail = { relays: [relay], port, from: senderOf(host), durationS: 20 };
        const attachment = await lab.actor(host, 'attachment', mail);
        expect(await attachment.done).toMatchObject({ accepted: 1, errors: {} });
      }
      const arrived = (await lab.sink.accepted()).filter(({ sender }) => sender === senderOf(host));
      expect(arrived.map(({ port }) => port)).toEqual([25, 587]);
      for (const { bytes } of arrived) expect(bytes).toBeGreaterThan(20_000_000);
    }
  };

  test('ends at the command-packet budget without a daemon, and earlier with it; attachments pass', async () => {
    await cleanSlate(lab);
    const config = join(lab.dir, 'static.json');
    writeFileSync(config, JSON.stringify(labConfig(lab, join(lab.dir, 'nowhere'), {})));
    const script = join(lab.dir, 'guard.nft');
    const argv = ['node', 'dist/postern.cjs', 'ruleset', '--static', '--config', config];
    writeFileSync(script, await lab.run('router', argv));
    await lab.nft('-f', script);
    const alone = await sessions(12);
    await attachmentsPass();
    const without = await alone();

    guard = await freshGuard(lab);
    const guarded = await sessions(12);
    await attachmentsPass();
    const withDaemon = await guarded();

    console.log(`messages of 5,000 in one session without a daemon: ${JSON.stringify(without)}`);
    console.log(`messages of 5,000 in one session with the daemon: ${JSON.stringify(withDaemon)}`);
    // What looks like a camera has the budget of a thing, but only the daemon can see that.
    expect(withDaemon.camera).toBeLessThan(without.camera ?? 0);
    const { incidents } = await ask(guard, 'incidents');
    expect(new Set(incidents.map(({ device }) => device))).toEqual(
      new Set(['ec71db5e1001', 'f018985e1008', '10.8.0.40']),
    );
  });

  test('over submission with STARTTLS it is told within 20 s; a mail client is not', async () => {
    guard = await freshGuard(lab);
    const { ownerRelay, laptopRelay } = lab.addresses;
    const client = { relays: [laptopRelay], everyMs: 1000, durationS: 30, from: senderOf('laptop') };
    const laptop = await lab.actor('laptop', 'laptop-mail', client);
    const stolen = { target: ownerRelay, port: 587, startTls: true, messages: 5000, durationS: 30 };
    const bot = await lab.actor('visitor', 'one-session-bot', { ...stolen, from: senderOf('visitor') });
    const told = await toldOf(guard, lab.devices.visitor.mac, 25_000);
    const seconds = (told.atMs - (bot.stats()?.startedAtMs ?? 0)) / 1000;
    console.log(
      `submission: told after ${seconds.toFixed(1)} s and ${await acceptedFrom(lab, 'visitor')} messages`,
    );
    expect(seconds).toBeLessThan(20);
    expect(told.text).toMatch(/About \d+ messages in one connection/);
    await bot.stop();
    const { attempts, accepted, errors } = await laptop.stop();
    expect(accepted).toBeGreaterThanOrEqual(attempts - 1);
    expect(errors).toEqual({});
    expect((await ask(guard, 'device', { device: 'annas-laptop' })).incident).toBeUndefined();
  });
});

/** The first word of the guard about the device, and when it was there. */
async function toldOf(of: Guard, device: string, timeoutMs: number): Promise<{ text: string; atMs: number }> {
  const key = device.replaceAll(':', '');
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(100)) {
    const { incidents } = await ask(of, 'incidents');
    const steps = incidents.find((incident) => incident.device === key)?.steps ?? [];
    const step = steps.find(({ type }) => type === 'told');
    if (step) return { text: step.text, atMs: Date.now() };
  }
  throw new Error(`nothing was told of ${device}`);
}
