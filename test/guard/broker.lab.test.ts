import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EventDocument } from '../../daemon/engine/documents.ts';
import { outboxLimits } from '../../daemon/mqtt/outbox.ts';
import { documentSchemas } from '../docs/document-schemas.ts';
import { faultsOf } from '../docs/schema-types.ts';
import type { Message } from '../lab/broker.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { type Guard, startGuard } from './guard.ts';

let lab: Lab;
let guard: Guard;

/** A document follows what it is about within a few seconds. */
const settled = { timeout: 15_000, interval: 200 };

const root = 'postern/openwrt-1a2b3c';
const unreachable = async () =>
  (await ask(guard, 'status')).degraded.some(({ code }) => code === 'broker_unreachable');

/** What arrives when the broker is back; the daemon is held until somebody listens, so that nothing is missed. */
async function brokerReturns(until: (messages: readonly Message[]) => boolean): Promise<readonly Message[]> {
  await guard.process.kill('SIGSTOP');
  await lab.broker.start();
  const { messages } = await lab.broker.listen('postern/#');
  await resume();
  await expect.poll(() => until(messages), { timeout: 20_000 }).toBe(true);
  await expect.poll(unreachable).toBe(false);
  return messages;
}

/** Wakes nsenter, which stops with what it runs, and wakes that in turn. */
async function resume(): Promise<void> {
  const status = await readFile(`/proc/${await guard.process.hostPid()}/status`, 'utf8');
  process.kill(Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]), 'SIGCONT');
}

const eventsIn = (messages: readonly Message[]) =>
  messages
    .filter(({ topic }) => topic === `${root}/event`)
    .map(({ payload }) => JSON.parse(payload) as EventDocument);

/** The last payload of each other topic: what a browser of topics would show. */
const stateIn = (messages: readonly Message[]) =>
  new Map(
    messages.filter(({ topic }) => topic !== `${root}/event`).map(({ topic, payload }) => [topic, payload]),
  );

async function residentKb(): Promise<number> {
  const text = await readFile(`/proc/${await guard.process.hostPid()}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1]);
}

describeLab('the broker gone', () => {
  beforeAll(async () => {
    lab = await startLab();
    guard = await startGuard(lab, { mqtt: { enabled: true, url: lab.broker.url } });
  });

  afterAll(() => lab?.stop());

  test('for a whole incident: its events arrive in order, and the last state of every topic', async () => {
    const { camera, laptop } = lab.devices;
    await expect.poll(unreachable).toBe(true);
    const bot = await lab.actor('camera', 'direct-mx-bot', { targets: lab.addresses.spread4, durationS: 3 });
    const mail = { relays: [lab.addresses.laptopRelay], count: 3, everyMs: 500, durationS: 5 };
    const honest = await lab.actor('laptop', 'laptop-mail', mail);
    await guard.until(camera.mac, ({ state }) => state === 'blocked');
    await Promise.all([bot.done, honest.done]);
    const { incident = '' } = await ask(guard, 'device', { device: camera.mac });
    await ask(guard, 'release', { device: camera.mac, for: '10m' });

    const messages = await brokerReturns((all) => eventsIn(all).some(({ type }) => type === 'released'));
    const events = eventsIn(messages).filter((event) => event.incident === incident);
    const { steps } = await ask(guard, 'incident', { incident });
    expect(events.map(({ at, type, text }) => ({ at, type, text }))).toEqual(steps);
    expect(events.map(({ id }) => id)).toEqual(steps.map((_, index) => `${incident}.${index + 1}`));
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['opened', 'restricted', 'blocked', 'verified', 'released']),
    );

    // The documents are what their schemas say, each of them.
    for (const { topic, payload } of messages) {
      const kind = topic.split('/')[2] ?? '';
      const schema = Object.entries(documentSchemas).find(([name]) => name === kind)?.[1];
      if (schema && payload !== '') expect(faultsOf(schema, JSON.parse(payload), topic)).toEqual([]);
    }
    const state = stateIn(messages);
    expect(state.get(`${root}/availability`)).toBe('online');
    expect(JSON.parse(state.get(`${root}/info`) ?? '')).toMatchObject({ node: 'openwrt-1a2b3c' });
    const agrees = async (topic: string, document: () => Promise<unknown>) =>
      expect
        .poll(
          async () => [JSON.parse(stateIn(messages).get(`${root}/${topic}`) ?? '{}'), await document()],
          settled,
        )
        .toSatisfy(([published, asked]) => isDeepStrictEqual(published, asked));
    await agrees('status', () => ask(guard, 'status'));
    for (const { mac } of [camera, laptop]) {
      await agrees(`device/${mac.replaceAll(':', '')}`, () => ask(guard, 'device', { device: mac }));
    }
    expect(await ask(guard, 'device', { device: camera.mac })).toMatchObject({ state: 'allowed' });
    // Whoever subscribes later gets the same.
    const later = await lab.broker.listen('postern/#');
    await expect.poll(() => later.messages.length).toBe(stateIn(messages).size);
    expect(later.messages.every(({ retain }) => retain)).toBe(true);
  });

  test('while thousands of things happen: the newest events arrive in order, and memory stays', async () => {
    await lab.broker.stop('SIGKILL');
    await expect.poll(unreachable).toBe(true);
    const tell = async (count: number) => {
      for (let number = 0; number < count; number++) await ask(guard, 'test');
    };
    await tell(500);
    const beforeKb = await residentKb();
    await tell(3000);
    const grownKb = (await residentKb()) - beforeKb;
    console.log(`3,000 events more while the broker is away: ${grownKb} KB`);
    expect(grownKb).toBeLessThan(8_000);
    const messages = await brokerReturns((all) => eventsIn(all).length >= outboxLimits.events);
    const numbers = eventsIn(messages)
      .filter(({ type }) => type === 'test')
      .map(({ id }) => Number(id.split('-').at(-1)));
    const last = numbers.at(-1) ?? 0;
    expect(numbers.length).toBeGreaterThan(outboxLimits.events - 5);
    expect(numbers.length).toBeLessThanOrEqual(outboxLimits.events);
    expect(numbers).toEqual(numbers.map((_, index) => last - numbers.length + 1 + index));
  });

  test('a test alert says whether the broker has it, and whether somebody runs hooks', async () => {
    expect(await ask(guard, 'test')).toMatchObject({ mqtt: 'delivered', followers: 0 });
    await lab.broker.stop('SIGKILL');
    await expect.poll(unreachable).toBe(true);
    const { mqtt, mqtt_trouble } = await ask(guard, 'test');
    expect({ mqtt, mqtt_trouble }).toEqual({
      mqtt: 'waiting',
      mqtt_trouble: expect.stringContaining('127.0.0.1'),
    });
  });
});
