import { readFileSync } from 'node:fs';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import type * as Tls from 'node:tls';
import { type IClientOptions, MqttClient } from 'mqtt';
import type { BrokerConnection, BrokerPort } from '../mqtt/broker-port.ts';
import type { ConnectOptions } from '../mqtt/connect-options.ts';
import { type BrokerTrouble, troubleOf } from '../mqtt/trouble.ts';
import { brokerStream } from './broker-stream.ts';

/** Connections over TCP and TLS by mqtt.js. Files are read anew for each, so a renewed certificate needs no restart. */
export const mqttBrokerPort: BrokerPort = {
  connect(options, on) {
    let over = false;
    let trouble: BrokerTrouble = { cause: 'closed', detail: 'the connection was closed' };
    const down = () => {
      if (over) return;
      over = true;
      on.down(trouble);
    };
    const silence = () => {
      over = true;
    };
    let openStream: () => Duplex;
    try {
      openStream = streamOf(options);
    } catch (error) {
      trouble = troubleOf(asError(error));
      queueMicrotask(down);
      return { publish() {}, subscribe() {}, end: (done) => done(), destroy: silence };
    }
    const client = new MqttClient(openStream, clientOptions(options));
    client.on('connect', () => {
      if (!over) on.up();
    });
    // Stays for ever: an error without a listener would end the process.
    client.on('error', (error) => {
      trouble = troubleOf(asError(error));
      down();
    });
    client.on('close', down);
    client.on('message', (topic, payload, { retain }) => {
      if (!over) on.message({ topic, payload: payload.toString('utf8'), retained: retain });
    });
    return connectionOf(client, silence);
  },
};

function connectionOf(client: MqttClient, silence: () => void): BrokerConnection {
  return {
    publish({ topic, payload, qos, retain }, done) {
      client.publish(topic, payload, { qos, retain }, (error) => {
        if (!error) done();
      });
    },
    subscribe: (topics) => void client.subscribe([...topics], { qos: 0 }, () => undefined),
    end(done) {
      silence();
      client.end(false, {}, () => done());
    },
    destroy() {
      silence();
      client.end(true);
      // `end` does nothing while a graceful one hangs on a broker that went silent.
      client.stream.destroy();
    },
  };
}

/**
 * No reconnecting and no queue of mqtt.js' own: the session makes a new client each time and sends one message at a
 * time. Without `writeCache: false` the first message allocates 65,536 buffers (10 MB).
 */
function clientOptions(options: ConnectOptions): IClientOptions {
  return {
    protocolVersion: 4,
    clientId: options.clientId,
    clean: true,
    keepalive: options.keepaliveS,
    connectTimeout: options.connectTimeoutMs,
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    writeCache: false,
    timerVariant: 'native',
    ...(options.username !== undefined && { username: options.username }),
    ...(options.password !== undefined && { password: options.password }),
    will: {
      topic: options.will.topic,
      payload: Buffer.from(options.will.payload),
      qos: options.will.qos,
      retain: options.will.retain,
    },
  };
}

/** What opens the stream; throws where a file of the options cannot be read or is no certificate. */
function streamOf(options: ConnectOptions): () => Duplex {
  const { host, port } = options;
  if (!options.tls) return () => brokerStream(net.connect({ host, port }));
  // Loaded where it is used: a broker without TLS, or none at all, saves 1 MB.
  const tls: typeof Tls = process.getBuiltinModule('node:tls');
  const serverName = options.serverName ?? (net.isIP(host) === 0 ? host : undefined);
  const secureContext = tls.createSecureContext({
    ...(options.caFile !== undefined && { ca: readFileSync(options.caFile) }),
    ...(options.certFile !== undefined && { cert: readFileSync(options.certFile) }),
    ...(options.keyFile !== undefined && { key: readFileSync(options.keyFile) }),
  });
  return () =>
    brokerStream(
      tls.connect({
        host,
        port,
        secureContext,
        rejectUnauthorized: !options.insecure,
        ...(serverName !== undefined && { servername: serverName }),
      }),
    );
}

function asError(error: unknown): { readonly code?: unknown; readonly message?: unknown } {
  return typeof error === 'object' && error !== null ? error : { message: String(error) };
}
