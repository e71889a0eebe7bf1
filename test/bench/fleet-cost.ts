import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerPort } from '../../daemon/mqtt/broker-port.ts';
import { createSession } from '../../daemon/mqtt/session.ts';
import { mqttBrokerPort } from '../../daemon/system/mqtt-client.ts';
import { systemTimers } from '../../daemon/system/timers.ts';
import { info, mqttConfig } from '../mqtt/documents.ts';
import { until } from '../system/mosquitto.ts';
import { days, type Said } from './fleet-week.ts';
import { startRelay, type Traffic } from './mqtt-relay.ts';

/** A PINGREQ and its PINGRESP. */
const ping: Traffic = { packets: 2, bytes: 4 };
const keepaliveMs = 30_000;
/** Longer than the session's pace lets anything wait. */
const longestRestMs = 1500;

/** What a node costs. */
export interface Cost {
  /** A start, with all that is retained, once. */
  readonly connect: Traffic;
  /** One of the days that follow. */
  readonly day: Traffic;
}

/**
 * Has a real session say all of it to a broker through a relay that counts, each time when the last is written, so that
 * nothing is coalesced that would not be at the pace at which it was said; what it is handed back is counted too. Pings fill
 * the gaps between the times at which something was sent, one every 30 s.
 */
export async function costAt(port: number, said: readonly Said[]): Promise<Cost> {
  const relay = await startRelay(port);
  let flying = 0;
  let sentAtMs = said[0]?.atMs ?? 0;
  let nowMs = sentAtMs;
  let pings = 0;
  const client: BrokerPort = {
    connect(options, on) {
      const connection = mqttBrokerPort.connect(options, on);
      return {
        ...connection,
        publish(message, done) {
          flying++;
          pings += Math.floor((nowMs - sentAtMs) / keepaliveMs);
          sentAtMs = nowMs;
          connection.publish(message, () => {
            done();
            flying--;
          });
        },
      };
    },
  };
  // The session's pace is that of the week, and not of its replay.
  const timers = { ...systemTimers, nowMs: () => nowMs };
  const node = 'openwrt-one-node';
  const session = createSession({
    config: { ...mqttConfig, url: `mqtt://127.0.0.1:${relay.port}`, discovery: 'homeassistant' },
    ...{ node, info: { ...info, node }, client, timers, random: 0.5 },
    onCondition: () => undefined,
    onRequest: () => undefined,
  });
  try {
    session.start();
    await until(() => relay.traffic().packets > 8 && flying === 0);
    await settled(relay.traffic);
    const connect = relay.traffic();
    for (const { atMs, say } of said) {
      nowMs = atMs;
      say(session);
      while (flying > 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    nowMs += longestRestMs;
    await sleep(longestRestMs);
    await settled(relay.traffic);
    const all = relay.traffic();
    const perDay = (of: keyof Traffic) => (all[of] - connect[of] + pings * ping[of]) / days;
    return { connect, day: { packets: perDay('packets'), bytes: perDay('bytes') } };
  } finally {
    await session.stop();
    relay.stop();
  }
}

/** Waits until nothing more comes back. */
async function settled(traffic: () => Traffic): Promise<void> {
  for (let before = -1; before !== traffic().bytes; ) {
    before = traffic().bytes;
    await sleep(500);
  }
}
