import net from 'node:net';
import { connectAsync, type IClientOptions, type IPublishPacket } from 'mqtt';
import { afterEach } from 'vitest';
import type { MqttConfig } from '../../daemon/config/config.ts';
import type { Request } from '../../daemon/control/request.ts';
import { createSession, type SessionTimeouts } from '../../daemon/mqtt/session.ts';
import { mqttBrokerPort } from '../../daemon/system/mqtt-client.ts';
import { systemTimers } from '../../daemon/system/timers.ts';
import { info, mqttConfig } from '../mqtt/documents.ts';
import { freePort, listen } from './mosquitto.ts';

/** What a test leaves running, ended after it. */
export const leftovers: (() => unknown)[] = [];

afterEach(async () => {
  for (const clean of leftovers.splice(0)) await clean();
});

/** A session with short times; `conditions` is what it told. */
export function connectTo(config: Partial<MqttConfig>, timeouts: Partial<SessionTimeouts> = {}) {
  const conditions: string[] = [];
  /** Conditions other than that there is no broker. */
  const others: string[] = [];
  const requests: Request[] = [];
  const session = createSession({
    config: { ...mqttConfig, ...config },
    node: 'home',
    info,
    client: mqttBrokerPort,
    timers: systemTimers,
    random: 0,
    onCondition: ({ reason, on, detail }) => {
      if (reason === 'broker_unreachable') conditions.push(on ? (detail ?? '') : 'off');
      else others.push(`${reason} ${on ? (detail ?? '') : 'off'}`);
    },
    onRequest: (request, reply) => {
      requests.push(request);
      reply({ ok: true, data: {} });
    },
    timeouts: { connectMs: 1000, publishMs: 1000, firstRetryMs: 100, retryMs: 200, ...timeouts },
  });
  leftovers.push(() => session.stop());
  return { session, conditions, others, requests };
}

export async function listenTo(port: number, args: readonly string[] = []) {
  const listener = await listen(port, args);
  leftovers.push(() => listener.stop());
  return listener;
}

/** A message as a client of MQTT 5 got it, which can see whether it is retained even when it is sent now ("retain as published"). */
export interface Heard {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  readonly qos: number;
}

/** A client of MQTT 5, which does not connect again by itself; rejects where the broker refuses it. */
export async function connectVersion5(url: string, options: IClientOptions) {
  const heard: Heard[] = [];
  const client = await connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0, ...options }, false);
  leftovers.push(() => client.endAsync(true));
  client.on('message', (topic: string, payload: Buffer, { retain, qos }: IPublishPacket) => {
    heard.push({ topic, payload: payload.toString('utf8'), retain, qos });
  });
  const subscribe = (filter: string) => client.subscribeAsync(filter, { qos: 1, rap: true });
  return { client, heard, subscribe };
}

/** A server that does with each connection what it is told. */
export async function serve(onConnection: (socket: net.Socket) => void): Promise<number> {
  const port = await freePort();
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  leftovers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return port;
}
