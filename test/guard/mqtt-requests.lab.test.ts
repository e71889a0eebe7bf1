import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Subscriber } from '../lab/broker.ts';
import { describeLab } from '../lab/describe-lab.ts';
import type { DeviceName } from '../lab/home.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { acceptedFrom, infect } from './bots.ts';
import { type Guard, startGuard } from './guard.ts';
import { bansOf } from './kernel-bans.ts';

let lab: Lab;
let guard: Guard;
let subscriber: Subscriber;

const root = 'postern/openwrt-1a2b3c';
const who = (device: DeviceName) => lab.devices[device].mac.replaceAll(':', '');

/** What a device publishes at the home's broker: whoever has the login may. */
function publish(device: DeviceName, topic: string, payload: string, ...more: string[]): Promise<string> {
  const where = ['-h', '192.168.1.1', '-q', '1', '-t', `${root}/${topic}`, '-m', payload];
  return lab.run(device, ['mosquitto_pub', ...where, ...more]);
}

/** Asks as a device, and waits for the answer. */
async function request(device: DeviceName, verb: string, args: object): Promise<Record<string, unknown>> {
  const transaction = `${verb}-${subscriber.messages.length}`;
  await publish(device, `request/${verb}`, JSON.stringify({ ...args, transaction }));
  const answer = () =>
    subscriber.messages
      .filter(({ topic }) => topic === `${root}/response/${verb}`)
      .map(({ payload }) => JSON.parse(payload) as Record<string, unknown>)
      .find((each) => each['transaction'] === transaction);
  await expect.poll(answer, { timeout: 5000 }).toBeDefined();
  return answer() ?? {};
}

describeLab('requests over MQTT, with safe', () => {
  beforeAll(async () => {
    lab = await startLab({ delayMs: 20 });
    await lab.broker.start();
    subscriber = await lab.broker.listen(`${root}/#`);
    guard = await startGuard(lab, { mqtt: { enabled: true, url: lab.broker.url, commands: 'safe' } });
  });
  afterAll(async () => {
    await guard?.stop();
    await lab?.stop();
  });

  test('a person’s phone blocks a device that mailed, for an hour at most', async () => {
    const { laptopRelay } = lab.addresses;
    const mail = { relays: [laptopRelay], everyMs: 500, count: 2, durationS: 10, from: 'tv@home.example' };
    await (await lab.actor('tv', 'laptop-mail', mail)).done;
    await guard.until(lab.devices.tv.mac, ({ connections }) => connections === 2);
    expect(await request('phone', 'block', { device: who('tv'), for: '2h' })).toMatchObject({
      status: 'error',
    });
    expect(await request('phone', 'block', { device: who('tv') })).toMatchObject({
      status: 'ok',
      data: { device: who('tv'), state: 'blocked' },
    });
    expect(await bansOf(lab)).toMatchObject({ [lab.devices.tv.mac]: { set: 'blocked_mac' } });
    const { incidents } = await ask(guard, 'incidents');
    expect(JSON.stringify(incidents)).toContain('It was asked for over MQTT.');
    expect(guard.process.lines.join('\n')).toMatch(/MQTT asked: block, device \w+: done/);
    await ask(guard, 'release', { device: who('tv') });
  });

  test('a bot that has the login cannot free itself, nor hide', async () => {
    const bot = await infect(lab, 'camera', '4', { durationS: 25 });
    await guard.until(lab.devices.camera.mac, ({ state }) => state === 'blocked');
    const device = who('camera');
    const before = (await bansOf(lab))[lab.devices.camera.mac]?.endsAtMs ?? 0;
    for (const verb of ['slow', 'restrict', 'block'])
      expect(await request('camera', verb, { device, for: '1s' })).toMatchObject({
        status: 'error',
        error: { code: 'not_allowed' },
      });
    const { length } = subscriber.messages;
    for (const [verb, args] of Object.entries({
      ...{ release: { device }, forget: { device }, pause: {}, 'mqtt-clean': {}, quarantine: { device } },
      allow: { device, relay: '203.0.113.0/8:25' },
    }))
      await publish('camera', `request/${verb}`, JSON.stringify(args));
    // What it says in our name is written over, and told.
    await publish('camera', `device/${device}`, '{"state":"normal"}', '-r');
    await publish('camera', 'status', '{"state":"ok","degraded":[]}', '-r');
    await publish('camera', 'availability', 'offline', '-r');
    await sleep(2000);
    const last = (topic: string) =>
      subscriber.messages.filter((each) => each.topic === `${root}/${topic}`).at(-1)?.payload ?? '';
    expect(subscriber.messages.slice(length).filter(({ topic }) => topic.includes('response/'))).toEqual([]);
    expect(JSON.parse(last(`device/${device}`))).toMatchObject({ state: 'blocked' });
    expect(last('availability')).toBe('online');
    const { degraded } = JSON.parse(last('status')) as { degraded: { code: string; detail: string }[] };
    expect(degraded.find(({ code }) => code === 'topics_forged')?.detail).toContain('3 times');
    expect((await bansOf(lab))[lab.devices.camera.mac]).toMatchObject({ set: 'blocked_mac' });
    expect((await bansOf(lab))[lab.devices.camera.mac]?.endsAtMs).toBeGreaterThan(before - 3000);
    expect(await ask(guard, 'status')).not.toHaveProperty('paused_until');
    await bot.done;
    expect(await acceptedFrom(lab, 'camera')).toBeLessThanOrEqual(2);
  });

  test('a flood of requests and of documents slows nothing down', async () => {
    const flood = (topic: string) =>
      lab.run('camera', [
        ...[
          'sh',
          '-c',
          `yes '{"device":"x"}' | head -n 20000 | mosquitto_pub -h 192.168.1.1 -l -t '${root}/${topic}'`,
        ],
      ]);
    const floods = Promise.all(['request/block', 'request/test', `device/${who('tv')}`, 'status'].map(flood));
    const bot = await infect(lab, 'visitor', '4', { durationS: 8 });
    await guard.until(lab.devices.visitor.mac, ({ state }) => state === 'restricted' || state === 'blocked');
    await Promise.all([floods, bot.done]);
    expect(await acceptedFrom(lab, 'visitor')).toBeLessThanOrEqual(2);
    await sleep(1500);
    const text = subscriber.messages.filter(({ topic }) => topic === `${root}/status`).at(-1)?.payload ?? '';
    expect(JSON.parse(text)).toMatchObject({ node: 'openwrt-1a2b3c' });
    expect(guard.process.running).toBe(true);
  });

  test('mqtt-clean takes everything off the broker, for good', async () => {
    const socket = join(guard.dir, 'run', 'postern.sock');
    const { stdout } = await lab.exec('router', [
      'node',
      'dist/postern.cjs',
      'mqtt-clean',
      '--socket',
      socket,
    ]);
    expect(stdout).toMatch(/^[1-9]\d* topics were deleted/);
    await guard.process.stop(5000);
    const later = await lab.broker.listen('#');
    await sleep(1000);
    expect(later.messages.map(({ topic }) => topic)).toEqual([]);
  });
});
