import { afterAll, beforeAll, expect, test } from 'vitest';
import { deviceBudgets } from '../../daemon/enforcement/budgets.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import type { LabProcess } from '../lab/lab-process.ts';
import { ask } from './ask.ts';
import { acceptedFrom, freshGuard, infect } from './bots.ts';
import type { Guard } from './guard.ts';

let lab: Lab;
let guard: Guard;
let listener: LabProcess | undefined;

describeLab('5,000 unrelated connections a second', () => {
  beforeAll(async () => {
    lab = await startLab({ delayMs: 20 });
  });
  afterAll(() => lab?.stop());

  test.each([
    ['masked in the kernel', 'laptop', false],
    ['read by the daemon, since somebody else listens too', 'visitor', true],
  ] as const)('do not hide a bot where their events are %s', async (what, host, isListening) => {
    // What another program of a router would do all the time.
    if (isListening) listener = lab.spawn('router', ['sh', '-c', 'exec conntrack -E >/dev/null 2>&1']);
    guard = await freshGuard(lab);
    const { degraded } = await ask(guard, 'status');
    expect(degraded.some(({ code }) => code === 'other_listener')).toBe(isListening);
    const chains = await lab.nft('list', 'chains', 'inet');
    expect(chains.includes('mask_prerouting')).toBe(!isListening);

    const flood = await lab.actor('tv', 'connection-flood', { host: lab.addresses.closed4, durationS: 10 });
    await expect.poll(() => flood.stats()?.attempts ?? 0, { timeout: 5000 }).toBeGreaterThan(8000);
    const bot = await infect(lab, host, 'both', { durationS: 5 });
    const { state } = await guard.until(
      lab.devices[host].mac,
      (device) => device.state === 'restricted' || device.state === 'blocked',
    );
    const heldAtMs = Date.now();
    const { attempts, startedAtMs } = await bot.done;
    const heldAfterMs = heldAtMs - startedAtMs;
    const { ratePerS } = await flood.done;
    const accepted = await acceptedFrom(lab, host);
    console.log(
      `${Math.round(ratePerS)} connections a second, ${what}: seen ${state} after ${heldAfterMs} ms, ${accepted} messages of ${attempts}`,
    );
    expect(ratePerS).toBeGreaterThan(4500);
    // The full stream may overrun the daemon: then it is the budget that holds until it has caught up.
    expect(accepted).toBeLessThanOrEqual(isListening ? deviceBudgets.default.connections.burst : 2);
    expect(heldAfterMs).toBeLessThan(5000);
    await guard.stop();
    await listener?.stop();
  });
});
