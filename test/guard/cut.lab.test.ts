import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { type Guard, startGuard } from './guard.ts';

/** The longest that a cut may take. */
const cutMs = 200;

let lab: Lab;
let guard: Guard;

describeLab('a live session', () => {
  beforeAll(async () => {
    lab = await startLab();
    const { laptopRelay, laptopRelay6 } = lab.addresses;
    const relay = [`${laptopRelay}:25`, `[${laptopRelay6}]:587`];
    guard = await startGuard(lab, { devices: [{ mac: lab.devices.laptop.mac, class: 'computer', relay }] });
  });

  afterAll(() => lab?.stop());

  test('in the middle of 500 messages is cut within 200 ms of the request, and nothing else is', async () => {
    const { laptopRelay, laptopRelay6, ownerRelay, web4, web6 } = lab.addresses;
    const live = { durationS: 60, paceMs: 0 };
    const sessions = await Promise.all([
      lab.actor('laptop', 'live-session', { ...live, target: laptopRelay, from: 'plain@bot.example' }),
      lab.actor('laptop', 'live-session', {
        ...{ ...live, target: laptopRelay6, from: 'tls@bot.example', port: 587, startTls: true },
      }),
    ]);
    // Seven seconds of web traffic, over both families, of the device that is cut; and mail of the others.
    const web = { bytes: 3_500_000, bytesPerS: 500_000, durationS: 30 };
    const mail = { relays: [ownerRelay], everyMs: 500, count: 14, durationS: 20 };
    const [web4Done, web6Done, phone, printer] = await Promise.all([
      lab.actor('laptop', 'download', { ...web, host: web4 }),
      lab.actor('laptop', 'download', { ...web, host: web6 }),
      lab.actor('phone', 'laptop-mail', { ...mail, from: 'phone@home.example' }),
      lab.actor('printer', 'printer', { ...mail, from: 'printer@home.example' }),
    ]);
    await sleep(4000);
    const before = await lab.sink.counts();
    expect(before.bySender['plain@bot.example']).toBeGreaterThan(25);
    expect(before.bySender['tls@bot.example']).toBeGreaterThan(20);

    const askedAtMs = Date.now();
    expect(await ask(guard, 'block', { device: 'annas-laptop' })).toMatchObject({ state: 'blocked' });

    for (const session of sessions) {
      const stats = await session.done;
      console.log(`cut after ${stats.lastResetAtMs - askedAtMs} ms, ${stats.accepted} of 500 messages sent`);
      expect(stats).toMatchObject({ resets: 1, errors: { ECONNRESET: 1 } });
      expect(stats.lastResetAtMs).toBeGreaterThanOrEqual(askedAtMs);
      expect(stats.lastResetAtMs - askedAtMs).toBeLessThanOrEqual(cutMs);
    }
    for (const download of [web4Done, web6Done]) {
      expect(await download.done).toMatchObject({ bytesReceived: web.bytes, complete: true });
    }
    expect(await phone.done).toMatchObject({ accepted: 14, errors: {} });
    expect(await printer.done).toMatchObject({ accepted: 14, errors: {} });

    // What the servers say: no message of the cut sessions arrived later, every one of the others did.
    const late = (await lab.sink.accepted()).filter(
      ({ sender, atMs }) => sender.endsWith('@bot.example') && atMs > askedAtMs + cutMs,
    );
    expect(late).toEqual([]);
    expect((await lab.sink.counts()).bySender).toMatchObject({
      'phone@home.example': 14,
      'printer@home.example': 14,
    });
    const { incident = '' } = await ask(guard, 'device', { device: 'annas-laptop' });
    const { steps } = await ask(guard, 'incident', { incident });
    expect(steps.map(({ type }) => type)).toEqual(['opened', 'blocked', 'verified']);
  });

  test('of a bot is cut with the verdict, also the one that it had opened before', async () => {
    const [target = '', ...others] = lab.addresses.spread4;
    await lab.sink.reset();
    const live = { target, durationS: 60, paceMs: 0, from: 'older@bot.example' };
    const older = await lab.actor('tv', 'live-session', live);
    await sleep(1000);
    const bot = await lab.actor('tv', 'direct-mx-bot', { targets: others, durationS: 4 });
    const [olderStats, botStats] = await Promise.all([older.done, bot.done]);
    const tookMs = olderStats.lastResetAtMs - botStats.startedAtMs;
    console.log(`cut ${tookMs} ms after the bot began, ${olderStats.accepted} of 500 messages sent`);
    expect(olderStats).toMatchObject({ resets: 1, errors: { ECONNRESET: 1 } });
    expect(tookMs).toBeLessThanOrEqual(cutMs);
    expect((await ask(guard, 'device', { device: 'amazon-fire-tv' })).state).toBe('blocked');
    const accepted = (await lab.sink.accepted()).map(({ sender }) => sender);
    expect(accepted.filter((sender) => sender === 'older@bot.example').length).toBeLessThan(30);
    expect(accepted.filter((sender) => sender === 'bot@bot.example').length).toBeLessThanOrEqual(2);
  });
});
