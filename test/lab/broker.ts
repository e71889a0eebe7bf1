import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificate } from './certificate.ts';
import type { Holder } from './holder.ts';
import { LabProcess } from './lab-process.ts';
import { mustRun } from './run.ts';

/** How the broker is to be started. */
export interface BrokerOptions {
  /** Only this user may connect; anybody unless given. */
  readonly user?: { readonly name: string; readonly password: string };
  /** Also listens with TLS on 8883, with the lab's certificate. */
  readonly tls?: boolean;
  /** Lines added to mosquitto's configuration. */
  readonly extraLines?: readonly string[];
}

/** A message that a subscriber got. `atMs` is when the lab read it. */
export interface Message {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  readonly qos: number;
  readonly atMs: number;
}

/** A subscriber that stays subscribed over restarts of the broker. */
export interface Subscriber {
  /** In order of arrival. */
  readonly messages: readonly Message[];
  stop(): Promise<void>;
}

/** The home's MQTT broker: mosquitto on the router. Retained messages do not survive a stop. */
export interface Broker {
  /** As the router reaches it; devices use the router's LAN address. */
  readonly url: string;
  readonly tlsUrl: string;
  start(options?: BrokerOptions): Promise<void>;
  /** SIGTERM, or at once with SIGKILL. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /**
   * Subscribes with MQTT 5, while Postern speaks 3.1.1; resolves once the subscription stands if the broker runs, else at once. With a `session` the broker
   * keeps what comes while the subscriber is away, if it keeps anything: see {@link keeping}.
   */
  listen(topic: string, session?: string): Promise<Subscriber>;
}

/** Lines for a broker that keeps what it has acknowledged, as those for homes are set up. */
export const keeping = (dir: string) => [
  'persistence true',
  `persistence_location ${dir}/`,
  'max_inflight_messages 1',
];

/** The broker of a lab, not yet started. */
export function makeBroker(holder: Holder, certificate: Certificate): Broker {
  let server: LabProcess | undefined;
  let user: BrokerOptions['user'];
  const stop = async (signal: NodeJS.Signals) => {
    await server?.kill(signal);
    await server?.exited;
    server = undefined;
  };
  return {
    url: 'mqtt://127.0.0.1:1883',
    tlsUrl: 'mqtts://127.0.0.1:8883',
    start: async (options = {}) => {
      await stop('SIGTERM');
      user = options.user;
      const config = await writeConfig(holder, certificate, options);
      server = new LabProcess(holder.enter('router', ['mosquitto', '-c', config]));
      await waitUntilRunning(server);
    },
    stop: (signal = 'SIGTERM') => stop(signal),
    listen: (topic, session) => listen(holder, topic, { user, session, wait: server !== undefined }),
  };
}

async function writeConfig(
  holder: Holder,
  certificate: Certificate,
  options: BrokerOptions,
): Promise<string> {
  const lines = ['user root', 'persistence false', 'log_type all', 'log_dest stderr', 'listener 1883'];
  if (options.user) {
    const passwords = join(holder.dir, 'mosquitto.passwords');
    await writeFile(passwords, `${options.user.name}:${options.user.password}\n`, { mode: 0o600 });
    await mustRun(holder, undefined, ['mosquitto_passwd', '-U', passwords]);
    lines.push('allow_anonymous false', `password_file ${passwords}`);
  } else {
    lines.push('allow_anonymous true');
  }
  if (options.tls)
    lines.push('listener 8883', `keyfile ${certificate.keyFile}`, `certfile ${certificate.certFile}`);
  const config = join(holder.dir, 'mosquitto.conf');
  await writeFile(config, `${[...lines, ...(options.extraLines ?? [])].join('\n')}\n`);
  return config;
}

async function waitUntilRunning(server: LabProcess): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (server.errors.some((line) => / running$/.test(line))) return;
    if (!server.running) break;
    await sleep(10);
  }
  throw new Error(`mosquitto did not start: ${server.errors.slice(-5).join(' | ')}`);
}

async function listen(
  holder: Holder,
  topic: string,
  { user, session, wait }: { user: BrokerOptions['user']; session: string | undefined; wait: boolean },
): Promise<Subscriber> {
  const login = user ? ['-u', user.name, '-P', user.password] : [];
  const kept = session === undefined ? [] : ['-c', '-x', '3600', '-i', session];
  const client = new LabProcess(
    holder.enter('router', [
      ...[
        'stdbuf',
        '-oL',
        'mosquitto_sub',
        ...['-V', 'mqttv5'],
        '-d',
        '-h',
        '127.0.0.1',
        '-q',
        '1',
        '-F',
        '%j',
        '-t',
        topic,
        ...login,
        ...kept,
      ],
    ]),
  );
  const messages: Message[] = [];
  client.watch((line) => {
    if (!line.startsWith('{')) return;
    const { topic: on, payload, retain, qos } = JSON.parse(line) as Record<string, unknown>;
    messages.push({
      topic: String(on),
      payload: String(payload ?? ''),
      retain: retain === 1,
      qos: Number(qos),
      atMs: Date.now(),
    });
  });
  if (wait) await client.waitForLine(/^Subscribed /);
  return { messages, stop: async () => void (await client.stop()) };
}
