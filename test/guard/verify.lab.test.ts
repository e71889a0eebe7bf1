import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { freshGuard } from './bots.ts';
import { breakNft, failingNft, mendNft } from './failing-nft.ts';
import type { Guard } from './guard.ts';

let lab: Lab;
let guard: Guard;

/** Nobody is there: its SYNs stay in the table for two minutes. */
const nowhere = '9.9.9.9';

describeLab('the check after an action', () => {
  beforeAll(async () => {
    lab = await startLab();
    guard = await freshGuard(lab);
  });
  afterAll(async () => {
    await guard?.stop();
    await lab?.stop();
  });

  test.each([
    [1000, 'laptop', 1000],
    [60_000, 'phone', 5000],
  ] as const)('with %i entries in the table %s is verified in time', async (entries, host, boundMs) => {
    await lab.clearConntrack();
    const lan = lab.networks.find(({ name }) => name === 'lan');
    const flood = await lab.actor('tv', 'spoof-flood', {
      ...{ targets: [nowhere], ports: [8080], gatewayMac: lan?.mac ?? '', source4: '192.168.1.0/24' },
      ...{ count: entries, rate: 15_000, durationS: 15 },
    });
    await flood.done;
    const there = Number(await lab.run('router', ['conntrack', '-C']));
    const [target = ''] = lab.addresses.spread4;
    const session = await lab.actor(host, 'live-session', { target, durationS: 60, paceMs: 50 });
    await expect.poll(() => session.stats()?.accepted ?? 0, { timeout: 10_000 }).toBeGreaterThan(2);
    const askedAtMs = Date.now();
    const { incident = '' } = await ask(guard, 'block', { device: lab.devices[host].mac });
    const steps = async () => (await ask(guard, 'incident', { incident })).steps.map(({ type }) => type);
    await expect.poll(steps, { timeout: 10_000, interval: 20 }).toContain('verified');
    const tookMs = Date.now() - askedAtMs;
    console.log(`${there} entries: verified after ${tookMs} ms`);
    expect(there).toBeGreaterThan(entries * 0.9);
    expect(await steps()).not.toContain('leaking');
    expect((await session.done).resets).toBe(1);
    expect(tookMs).toBeLessThan(boundMs);
  });

  test('a session that goes on since the table cannot be applied is told, and that it rests once it can', async () => {
    await guard.stop();
    guard = await freshGuard(lab, await failingNft(lab));
    // Without NAT: it goes on though its row is deleted.
    const target = lab.addresses.laptopRelay6;
    const session = await lab.actor('laptop', 'live-session', { target, durationS: 60, paceMs: 50 });
    await expect.poll(() => session.stats()?.accepted ?? 0, { timeout: 10_000 }).toBeGreaterThan(2);
    breakNft(lab);
    // For this one an nft waits that was started before.
    await ask(guard, 'slow', { device: lab.devices.mailserver.mac });
    const { incident = '' } = await ask(guard, 'block', { device: lab.devices.laptop.mac });
    const steps = async () => (await ask(guard, 'incident', { incident })).steps;
    const types = async () => (await steps()).map(({ type }) => type);
    await expect.poll(types, { timeout: 5_000, interval: 50 }).toContain('leaking');
    mendNft(lab);
    await expect.poll(types, { timeout: 10_000, interval: 50 }).toContain('verified');
    expect(await types()).toEqual(['opened', 'blocked', 'leaking', 'verified']);
    expect((await steps())[2]?.text).toContain('1 connection still carries data: Postern');
    expect((await session.done).resets).toBe(1);
  });
});
