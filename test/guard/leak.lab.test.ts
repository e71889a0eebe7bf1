import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openings } from '../../daemon/enforcement/budgets.ts';
import { describeLab } from '../lab/describe-lab.ts';
import type { DeviceName } from '../lab/home.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { acceptedFrom, freshGuard, infect } from './bots.ts';
import type { Guard } from './guard.ts';
import { bansOf } from './kernel-bans.ts';

/** Four infected devices: each family, both, and one bot that does not wait for replies. */
const infected = [
  { host: 'camera', families: '4' },
  { host: 'tv', families: '6' },
  { host: 'doorbell', families: 'both' },
  { host: 'printer', families: 'both', impatient: true },
] as const;

let lab: Lab;
let guard: Guard | undefined;

describeLab('a parallel direct-to-MX bot', () => {
  beforeAll(async () => {
    lab = await startLab({ delayMs: 20 });
  });
  afterEach(async () => {
    await guard?.stop();
    guard = undefined;
  });
  afterAll(() => lab?.stop());

  const declared = () => infected.map(({ host }) => ({ mac: lab.devices[host].mac, class: 'iot' }));

  /** Runs the four bots at once; none of them may so much as open a connection. */
  const nothingLeaves = async (durationS: number) => {
    const bots = await Promise.all(
      infected.map(({ host, families, ...more }) => infect(lab, host, families, { durationS, ...more })),
    );
    for (const bot of bots) {
      const stats = await bot.done;
      expect(stats).toMatchObject({ connected: 0, accepted: 0 });
      expect(stats.attempts).toBeGreaterThan(60 * durationS);
    }
    expect(await lab.sink.counts()).toMatchObject({ total: 0, connections: 0 });
  };

  test('delivers hundreds where nobody guards', async () => {
    const bot = await infect(lab, 'tv', 'both');
    await expect.poll(() => acceptedFrom(lab, 'tv'), { timeout: 15_000, interval: 250 }).toBeGreaterThan(300);
    const { startedAtMs, attempts } = await bot.stop();
    const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1);
    console.log(`unguarded: ${await acceptedFrom(lab, 'tv')} messages of ${attempts} in ${seconds} s`);
  });

  test.each([
    ['stopped', 'SIGTERM', 15],
    ['killed', 'SIGKILL', 5],
  ] as const)('on a device declared iot delivers nothing while the daemon is %s', async (_how, signal, s) => {
    guard = await freshGuard(lab, { devices: declared() });
    await guard.process.kill(signal);
    await guard.process.exited;
    await nothingLeaves(s);
    // Nobody was there to make a ban: the strict set alone did it.
    expect(await bansOf(lab)).toEqual({});
  });

  test('on a device declared iot delivers nothing while the daemon runs, and is told', async () => {
    guard = await freshGuard(lab, { devices: declared() });
    await nothingLeaves(15);
    for (const { host } of infected) {
      const device = await guard.device(lab.devices[host].mac);
      expect(device).toMatchObject({ class: 'iot', connections: 0 });
      expect(device.incident).toBeDefined();
      expect(device.refused).toBeGreaterThan(500);
    }
  });

  test('on an undeclared device delivers at most 2 messages', async () => {
    guard = await freshGuard(lab);
    const undeclared: readonly [DeviceName, '4' | '6' | 'both'][] = [
      ['laptop', '4'],
      ['phone', '6'],
      ['visitor', 'both'],
      // A maker of cameras makes it: a guess, which does not make it strict.
      ['camera', 'both'],
    ];
    const bots = [];
    for (const [host, families] of undeclared) {
      bots.push({ host, bot: await infect(lab, host, families) });
      await guard.until(lab.devices[host].mac, ({ state }) => state === 'restricted' || state === 'blocked');
    }
    await sleep(500);
    const { connections } = await lab.sink.counts();
    for (const { host, bot } of bots) {
      const { attempts } = await bot.done;
      const accepted = await acceptedFrom(lab, host);
      console.log(`undeclared ${host}: ${accepted} messages of ${attempts}`);
      expect(attempts).toBeGreaterThan(900);
      expect(accepted).toBeLessThanOrEqual(2);
      await guard.until(lab.devices[host].mac, ({ state }) => state === 'blocked', 5000);
    }
    // Once they are held not one connection is made any more.
    expect((await lab.sink.counts()).connections).toBe(connections);
  });

  test.each([
    ['that does not wait for replies', 'phone', 20, true],
    ['where servers answer at once', 'laptop', 0, false],
    ['that does not wait, where servers answer at once', 'visitor', 0, true],
  ] as const)(
    '%s, on an undeclared device, is held by the sessions that it may begin',
    async (what, host, delayMs, impatient) => {
      guard = await freshGuard(lab);
      await lab.sink.set({ delayMs });
      const { attempts } = await (await infect(lab, host, 'both', { impatient, durationS: 4 })).done;
      // What a server has taken in it accepts a little later.
      await sleep(300);
      const accepted = await acceptedFrom(lab, host);
      console.log(`undeclared, a bot ${what}: ${accepted} messages of ${attempts}`);
      // Two at once, and two a second until it is held.
      expect(accepted).toBeLessThanOrEqual(openings.burst + 2);
      await guard.until(lab.devices[host].mac, ({ state }) => state === 'blocked');
    },
  );
});
