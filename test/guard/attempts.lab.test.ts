import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { infect } from './bots.ts';
import { type Guard, startGuard } from './guard.ts';
import { bansOf } from './kernel-bans.ts';

let lab: Lab;
let guard: Guard;

describeLab('a restricted bot that goes on trying', () => {
  beforeAll(async () => {
    lab = await startLab({ delayMs: 20 });
    guard = await startGuard(lab);
  });
  afterAll(() => lab?.stop());

  test('is blocked through the attempts set, and every attempt is counted', async () => {
    const { mac } = lab.devices.tv;
    // Restricted before it ever spoke: no connection is made and no event comes, all evidence is in the set.
    await ask(guard, 'restrict', { device: mac });
    const bot = await infect(lab, 'tv', 'both', { ratePerS: 40, durationS: 26 });
    const device = await guard.until(mac, ({ state }) => state === 'blocked', 28_000);
    expect(device).toMatchObject({ connections: 0, connections_without_event: 0 });
    const { attempts, connected, errors } = await bot.done;
    expect(connected).toBe(0);
    expect(errors).toEqual({ ECONNREFUSED: attempts });
    // The set is read every 2 s: what came last is counted a little later, and not twice.
    await guard.until(mac, ({ refused }) => refused === attempts, 5000);
    const { incidents } = await ask(guard, 'incidents');
    const [incident] = incidents.filter((one) => one.device === device.device);
    expect(incident).toMatchObject({ refused: attempts, destinations: 64 });
    expect(incident?.steps.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['restricted', 'still_trying', 'blocked']),
    );
    expect((await ask(guard, 'status')).refused).toBe(attempts);
    console.log(
      `${attempts} attempts, ${incident?.refused} counted; ${incident?.steps.map(({ type }) => type).join(', ')}`,
    );
  });

  test('released until the router restarts is free at once, and others are held as ever', async () => {
    const { tv, phone } = lab.devices;
    await ask(guard, 'release', { device: tv.mac, for: 'reboot' });
    await ask(guard, 'block', { device: phone.mac, for: '1h' });
    await expect.poll(() => bansOf(lab).then(Object.keys)).toEqual([phone.mac]);
    expect((await ask(guard, 'status')).degraded.map(({ code }) => code)).not.toContain('ruleset_failed');
  });
});
