import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { deviceBudgets, strangerBudgets } from '../../daemon/enforcement/budgets.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { acceptedFrom, freshGuard, infect, senderOf, serversOf } from './bots.ts';
import type { Guard } from './guard.ts';

/** Connections that all strangers of a network get at once, and those that a device gets by its own name. */
const shared = strangerBudgets.default.connections.burst;
const own = deviceBudgets.default.connections.burst;

let lab: Lab;
let guard: Guard | undefined;

describeLab('a bot that is nobody', () => {
  beforeAll(async () => {
    lab = await startLab({ delayMs: 20 });
  });
  afterEach(async () => {
    await guard?.stop();
    guard = undefined;
  });
  afterAll(() => lab?.stop());

  /** A bot with a new MAC every 2 s. */
  const changer = (host: 'visitor' | 'phone' | 'tv', durationS: number, alsoAddresses: boolean) => {
    const targets = serversOf(lab, 'both');
    return lab.actor(host, 'mac-changer', { targets, durationS, alsoAddresses, from: senderOf(host) });
  };

  test('on a network without Ethernet it is held by its addresses', async () => {
    guard = await freshGuard(lab);
    const bot = await infect(lab, 'roadwarrior', 'both');
    for (const address of ['10.8.0.40', '2001:db8:8::40']) {
      const { mac } = await guard.until(address, ({ state }) => state === 'blocked');
      expect(mac).toBeUndefined();
    }
    const { connections } = await lab.sink.counts();
    const { attempts } = await bot.done;
    expect((await lab.sink.counts()).connections).toBe(connections);
    const accepted = await acceptedFrom(lab, 'roadwarrior');
    console.log(`without Ethernet: ${accepted} messages of ${attempts}`);
    expect(attempts).toBeGreaterThan(900);
    expect(accepted).toBeLessThanOrEqual(2);
  });

  test.each([
    ['and its addresses', 'visitor', true],
    ['and keeps its addresses', 'phone', false],
  ] as const)(
    'with a new MAC every 2 s %s it shares what strangers have',
    async (what, host, alsoAddresses) => {
      guard = await freshGuard(lab);
      const { attempts, macs } = await (await changer(host, 15, alsoAddresses)).done;
      const accepted = await acceptedFrom(lab, host);
      console.log(
        `a new MAC every 2 s ${what}: ${accepted} messages of ${attempts} under ${macs.length + 1} MACs`,
      );
      expect(macs.length).toBeGreaterThanOrEqual(6);
      expect(attempts).toBeGreaterThan(900);
      expect(accepted).toBeLessThanOrEqual(shared + 2);
    },
  );

  test('without the daemon both are held by the budgets', async () => {
    guard = await freshGuard(lab);
    await guard.stop();
    const bots = await Promise.all([
      infect(lab, 'roadwarrior', 'both', { durationS: 8 }),
      changer('tv', 8, true),
    ]);
    // Many of them wait for their turn to begin: more than the budgets let through they are.
    for (const bot of bots) expect((await bot.done).attempts).toBeGreaterThan(shared);
    const without = await acceptedFrom(lab, 'roadwarrior');
    const changing = await acceptedFrom(lab, 'tv');
    console.log(`with no daemon: ${without} messages without Ethernet, ${changing} under new MACs`);
    expect(without).toBeLessThanOrEqual(shared);
    // Under its first MAC it is a device of the home, with a budget of its own.
    expect(changing).toBeLessThanOrEqual(shared + own);
  });
});
