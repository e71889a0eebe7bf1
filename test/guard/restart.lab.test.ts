import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Subscriber } from '../lab/broker.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { type Guard, startGuard } from './guard.ts';
import { bansOf } from './kernel-bans.ts';

let lab: Lab;
let guard: Guard;
let events: Subscriber;

/** What people were told so far, by its type. */
const told = () => eventsSoFar().map(({ type }) => type);
const eventsSoFar = () =>
  events.messages.map(({ payload }) => JSON.parse(payload) as { id: string; type: string });

describeLab('the daemon killed', () => {
  beforeAll(async () => {
    lab = await startLab();
    await lab.broker.start();
    events = await lab.broker.listen('postern/+/event');
    guard = await startGuard(lab, { mqtt: { enabled: true, url: lab.broker.url } });
  });

  afterAll(() => lab?.stop());

  const attack = (durationS: number) =>
    lab.actor('camera', 'direct-mx-bot', {
      targets: [...lab.addresses.spread4, ...lab.addresses.spread6],
      durationS,
    });

  test('with kill -9: its bans hold, and the next run adopts them without telling anything twice', async () => {
    const bot = await attack(40);
    const { camera, printer, roadwarrior } = lab.devices;
    await guard.until(camera.mac, ({ state }) => state === 'blocked');
    await ask(guard, 'restrict', { device: printer.mac, for: '10m' });
    await ask(guard, 'block', { device: roadwarrior.ip4 });
    const incident = (await ask(guard, 'device', { device: camera.mac })).incident ?? '';
    // The state file follows a ban within seconds, and what the broker acknowledged leaves it.
    const stateFile = () => readFileSync(join(guard.dir, 'data', 'state.json'), 'utf8');
    await expect.poll(stateFile, { timeout: 25_000 }).toMatch(/10\.8\.0\.40.*"unsent":\[\]/s);
    const before = await bansOf(lab);
    expect(Object.keys(before)).toEqual([camera.mac, printer.mac, roadwarrior.ip4]);

    const accepted = (await lab.sink.counts()).total;
    await guard.process.kill('SIGKILL');
    expect(await guard.process.exited).toMatchObject({ signal: 'SIGKILL' });
    const killedAtMs = Date.now();
    const toldBefore = told();
    await sleep(2000);
    const held = await bansOf(lab);
    expect(held[camera.mac]?.set).toBe('blocked_mac');
    expect(held[camera.mac]?.refused).toBeGreaterThan(before[camera.mac]?.refused ?? 0);

    await guard.restart();
    const after = await bansOf(lab);
    const awayS = (Date.now() - killedAtMs) / 1000;
    for (const [key, { set, endsAtMs }] of Object.entries(before)) {
      expect(after[key]?.set).toBe(set);
      if (endsAtMs === undefined) expect(after[key]?.endsAtMs).toBeUndefined();
      else expect(Math.abs((after[key]?.endsAtMs ?? 0) - endsAtMs)).toBeLessThan(2500);
    }
    console.log(`away for ${awayS.toFixed(1)} s, ${Object.keys(after).length} bans adopted`);
    // The bot goes on: what it tries belongs to the incident that is open already.
    await sleep(1500);
    await bot.stop();
    await sleep(2500);
    const device = await ask(guard, 'device', { device: camera.mac });
    expect(device).toMatchObject({ state: 'blocked', incident });
    expect(device.refused).toBeGreaterThan(100);
    const { incidents } = await ask(guard, 'incidents');
    expect(incidents.filter((one) => one.device === device.device)).toHaveLength(1);
    expect(incidents).toHaveLength(3);
    expect(told().slice(toldBefore.length)).not.toContain('opened');
    expect(
      told()
        .slice(toldBefore.length)
        .filter((type) => type !== 'still_trying'),
    ).toEqual([]);
    expect((await lab.sink.counts()).total).toBe(accepted);
  });

  test('right after a ban, and with its state file lost: no incident is told twice', async () => {
    const { tv } = lab.devices;
    const toldBefore = told().length;
    // Not so soon after another write that flash would have to rest first.
    const stateAgeMs = () => Date.now() - statSync(join(guard.dir, 'data', 'state.json')).mtimeMs;
    await expect.poll(stateAgeMs, { timeout: 10_000 }).toBeGreaterThan(5500);
    const bot = await lab.actor('tv', 'direct-mx-bot', { targets: lab.addresses.spread4, durationS: 6 });
    await expect.poll(async () => (await bansOf(lab))[tv.mac], { timeout: 5000, interval: 5 }).toBeDefined();
    await sleep(150);
    await killAndRestart();
    const { incident } = await ask(guard, 'device', { device: tv.mac });
    const [opened = ''] = events.messages.slice(toldBefore).map(({ payload }) => payload);
    expect(JSON.parse(opened)).toMatchObject({ type: 'opened', incident });

    // The kernel alone speaks of the ban now.
    await killAndRestart(() => rmSync(join(guard.dir, 'data', 'state.json')));
    await bot.done;
    await sleep(2500);
    const device = await ask(guard, 'device', { device: tv.mac });
    expect(device.refused).toBeGreaterThan(100);
    expect(['restricted', 'blocked']).toContain(device.state);
    const { incidents } = await ask(guard, 'incidents');
    expect(incidents.filter((one) => one.device === device.device)).toHaveLength(1);
    // One killed before the broker's answer was saved sends the message again, by the same id: it is one event.
    const openings = eventsSoFar()
      .slice(toldBefore)
      .filter(({ type }) => type === 'opened');
    expect(new Set(openings.map(({ id }) => id)).size).toBe(1);
  });

  async function killAndRestart(meanwhile = () => {}) {
    await guard.process.kill('SIGKILL');
    expect(await guard.process.exited).toMatchObject({ signal: 'SIGKILL' });
    meanwhile();
    await guard.restart();
  }
});
