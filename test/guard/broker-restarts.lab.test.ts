import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EventDocument } from '../../daemon/engine/documents.ts';
import { keeping } from '../lab/broker.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { startGuard } from './guard.ts';

const restarts = 50;
let lab: Lab;

describeLab('a broker that comes and goes', () => {
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(() => lab?.stop());

  test(`no event of two bots' attack is lost or told twice while the broker is restarted ${restarts} times`, async () => {
    const { camera, tv } = lab.devices;
    const start = () => lab.broker.start({ extraLines: keeping(lab.dir) });
    await start();
    const { messages } = await lab.broker.listen('postern/+/event', 'dashboard');
    const guard = await startGuard(lab, { mqtt: { enabled: true, url: lab.broker.url } });
    const bots = await Promise.all(
      (['camera', 'tv'] as const).map((from, index) =>
        lab.actor(from, 'direct-mx-bot', {
          targets: index === 0 ? lab.addresses.spread4 : lab.addresses.spread6,
          durationS: 20,
        }),
      ),
    );
    let tests = 0;
    let isOver = false;
    const telling = (async () => {
      for (; !isOver; tests++) {
        await ask(guard, 'test');
        await sleep(Math.random() * 500);
      }
    })();
    for (let restart = 0; restart < restarts; restart++) {
      await sleep(200 + Math.random() * 400);
      await lab.broker.stop();
      await sleep(Math.random() * 200);
      await start();
    }
    isOver = true;
    await Promise.all([telling, ...bots.map((bot) => bot.done)]);
    for (const { mac } of [camera, tv]) {
      expect((await ask(guard, 'device', { device: mac })).state).toBe('blocked');
      // The incident ends here: nothing is told of it any more.
      await ask(guard, 'release', { device: mac, for: '1h' });
    }
    const wanted: string[] = [];
    const incidents: string[] = [];
    for (const { mac } of [camera, tv]) {
      const { incident = '' } = await ask(guard, 'device', { device: mac });
      incidents.push(incident);
      const { steps } = await ask(guard, 'incident', { incident });
      wanted.push(...steps.map((_, index) => `${incident}.${index + 1}`));
    }
    const seen = () => messages.map(({ payload }) => JSON.parse(payload) as EventDocument);
    // What belongs to no incident is numbered through: test alerts, and what the guard says of itself.
    const own = () => seen().filter(({ incident }) => incident === undefined);
    const numbers = () => [...new Set(own().map(({ id }) => Number(id.split('-').at(-1))))];
    const testsSeen = () => new Set(own().flatMap(({ id, type }) => (type === 'test' ? [id] : []))).size;
    await expect.poll(testsSeen, { timeout: 30_000 }).toBe(tests);
    const told = () => seen().filter(({ incident }) => incident !== undefined);
    await expect
      .poll(() => new Set(told().map(({ id }) => id)).size, { timeout: 30_000 })
      .toBe(wanted.length);
    expect([...new Set(told().map(({ id }) => id))].sort()).toEqual([...wanted].sort());
    // Whoever keeps the last ids sees each once, in order.
    expect(numbers()).toEqual(numbers().toSorted((a, b) => a - b));
    // An incident takes a number too.
    const taken = new Set([...numbers(), ...incidents.map((id) => Number(id.split('-').at(-1)))]);
    expect(taken.size).toBe(Math.max(...taken) - Math.min(...taken) + 1);
    const again = seen().length - new Set(seen().map(({ id }) => id)).size;
    console.log(
      `${tests + wanted.length} events over ${restarts} restarts: ${again} came again by the same id`,
    );
    expect(again).toBeLessThanOrEqual(2 * restarts);
    await guard.stop();
  }, 180_000);
});
