import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'mqtt';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeHome, renamed } from '../bench/fleet-home.ts';
import { createMosquitto, type Mosquitto, until } from './mosquitto.ts';
import { connectTo, leftovers } from './mqtt-harness.ts';

const restarts = 50;

let broker: Mosquitto;
beforeEach(async () => {
  broker = await createMosquitto();
});
afterEach(() => broker.remove());

/** What a consumer with a session that the broker keeps was sent, by the events' ids in order of arrival. */
async function follow(): Promise<readonly string[]> {
  const seen: string[] = [];
  const client = connect({
    ...{ host: '127.0.0.1', port: broker.port, protocol: 'mqtt', clientId: 'dashboard', clean: false },
    ...{ reconnectPeriod: 50, connectTimeout: 1000 },
  });
  client.on('error', () => undefined);
  client.on('message', (_topic, payload) => {
    seen.push((JSON.parse(payload.toString()) as { id: string }).id);
  });
  leftovers.push(() => client.endAsync(true));
  await client.subscribeAsync('postern/+/event', { qos: 1 });
  return seen;
}

test(`no event of a run of incidents is lost while the broker is restarted ${restarts} times`, async () => {
  // A broker that keeps what it has acknowledged, as those for homes are set up.
  const lines = ['allow_anonymous true', 'user root', 'persistence true', 'max_inflight_messages 1'];
  const start = () => broker.start([...lines, `persistence_location ${broker.folder}/`]);
  await start();
  const seen = await follow();
  const { session } = connectTo({ url: `mqtt://127.0.0.1:${broker.port}` });
  session.start();
  const home = makeHome();
  const made: string[] = [];
  const rest = { restarts };
  const telling = (async () => {
    for (let incident = 0; rest.restarts > 0; incident++) {
      for (const event of renamed(home, `home-${incident}`).events) {
        made.push(event.id);
        session.event(event);
        // Slower than the messages that one second may have.
        await sleep(Math.random() * 500);
      }
    }
  })();
  for (; rest.restarts > 0; rest.restarts--) {
    await sleep(200 + Math.random() * 500);
    await broker.stop();
    await sleep(Math.random() * 200);
    await start();
  }
  await telling;
  await until(() => session.unsent().length === 0);
  await until(() => new Set(seen).size === made.length);
  await sleep(300);
  console.log(
    `${made.length} events over ${restarts} restarts: ${seen.length - made.length} came again by the same id`,
  );
  expect(session.dropped().events).toBe(0);
  // Whoever keeps the last ids sees each once, in order.
  expect([...new Set(seen)]).toEqual(made);
  // Of each restart the one on its way to the broker, and the one on its way from it.
  expect(seen.length - made.length).toBeLessThanOrEqual(2 * restarts);
}, 120_000);
