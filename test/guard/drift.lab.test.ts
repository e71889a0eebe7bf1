import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Subscriber } from '../lab/broker.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { type Guard, startGuard } from './guard.ts';
import { bansOf, type KernelBan } from './kernel-bans.ts';

/** The longest that the table may stay as somebody else left it. */
const restoredMs = 6000;

let lab: Lab;
let guard: Guard;
let events: Subscriber;
let bans: Record<string, KernelBan>;

describeLab('somebody else changes the table', () => {
  beforeAll(async () => {
    lab = await startLab();
    await lab.broker.start();
    events = await lab.broker.listen('postern/+/event');
    guard = await startGuard(lab, { mqtt: { enabled: true, url: lab.broker.url } });
    const { camera, printer, tv, roadwarrior } = lab.devices;
    await ask(guard, 'block', { device: camera.mac, for: '1h' });
    await ask(guard, 'restrict', { device: printer.mac, for: '10m' });
    await ask(guard, 'slow', { device: tv.mac });
    await ask(guard, 'block', { device: roadwarrior.ip4, for: '90m' });
  });

  afterAll(() => lab?.stop());

  /** Waits until the kernel holds what it held before the change, with the same ends; returns how long it took. */
  async function untilRestored(sinceMs: number): Promise<number> {
    const sets = (list: Record<string, KernelBan>) =>
      Object.entries(list)
        .map(([key, { set }]) => `${set} ${key}`)
        .sort();
    const held = () => bansOf(lab).catch(() => ({}));
    await expect
      .poll(async () => sets(await held()), { timeout: restoredMs + 2000, interval: 50 })
      .toEqual(sets(bans));
    const tookMs = Date.now() - sinceMs;
    for (const [key, { endsAtMs }] of Object.entries(await bansOf(lab))) {
      const before = bans[key]?.endsAtMs;
      if (before === undefined) expect(endsAtMs).toBeUndefined();
      else expect(Math.abs((endsAtMs ?? 0) - before)).toBeLessThan(2500);
    }
    return tookMs;
  }

  const said = () => guard.process.errors.filter((line) => /changed by somebody and restored/.test(line));
  const texts = () => events.messages.map(({ payload }) => (JSON.parse(payload) as { text: string }).text);

  test('deleted as a whole: restored within 6 s with the bans and what is left of their time, and told', async () => {
    await expect.poll(() => bansOf(lab).then(Object.keys)).toHaveLength(4);
    bans = await bansOf(lab);
    expect((await ask(guard, 'status')).degraded.map(({ code }) => code)).not.toContain('table_restored');
    const deletedAtMs = Date.now();
    await lab.nft('delete', 'table', 'inet', 'postern');
    const tookMs = await untilRestored(deletedAtMs);
    console.log(`deleted: restored after ${tookMs} ms`);
    expect(tookMs).toBeLessThanOrEqual(restoredMs);
    await expect
      .poll(async () => (await ask(guard, 'status')).degraded.map(({ code }) => code))
      .toContain('table_restored');
    expect(said()).toHaveLength(1);
    await expect.poll(texts).toContainEqual(expect.stringMatching(/restored/));
    // Nobody was told of any device: nothing happened to one.
    expect(await ask(guard, 'device', { device: lab.devices.camera.mac })).toMatchObject({
      state: 'blocked',
    });
  });

  test('a hole in it: a ban taken out and a rule that lets all mail pass, both gone within 6 s', async () => {
    const mac = lab.devices.camera.mac;
    const rules = async () => (await lab.nft('-s', 'list', 'chain', 'inet', 'postern', 'forward')).trim();
    const before = await rules();
    const changedAtMs = Date.now();
    await lab.nft('delete', 'element', 'inet', 'postern', 'blocked_mac', `{ ${mac} }`);
    await lab.nft('insert', 'rule', 'inet', 'postern', 'forward', 'tcp', 'dport', '25', 'accept');
    const tookMs = await untilRestored(changedAtMs);
    await expect.poll(rules, { timeout: restoredMs - tookMs }).toBe(before);
    console.log(`a hole: mended after ${Date.now() - changedAtMs} ms`);
    expect(Date.now() - changedAtMs).toBeLessThanOrEqual(restoredMs);
  });

  test('deleted in the middle of an attack: the next attempt brings it back', async () => {
    const bot = await lab.actor('camera', 'direct-mx-bot', {
      targets: lab.addresses.spread4,
      durationS: 3,
    });
    await expect.poll(() => bot.stats()?.attempts ?? 0).toBeGreaterThan(50);
    expect(bot.stats()?.accepted).toBe(0);
    const saidBefore = said().length;
    const deletedAtMs = Date.now();
    await lab.nft('delete', 'table', 'inet', 'postern');
    const tookMs = await untilRestored(deletedAtMs);
    const { accepted } = await bot.done;
    expect(said()).toHaveLength(saidBefore + 1);
    console.log(`deleted under attack: restored after ${tookMs} ms, ${accepted} messages got out`);
    expect(tookMs).toBeLessThanOrEqual(restoredMs);
    const late = (await lab.sink.accepted()).filter(({ atMs }) => atMs > deletedAtMs + tookMs + 200);
    expect(late).toEqual([]);
  });
});
