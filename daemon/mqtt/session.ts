import type { MqttConfig } from '../config/config.ts';
import type { Answer, Request } from '../control/request.ts';
import type { DeviceDocument, EventDocument, StatusDocument } from '../engine/documents.ts';
import type { BrokerConnection, BrokerPort, Timers } from './broker-port.ts';
import { brokerName, connectOptionsOf } from './connect-options.ts';
import { type BrokerCondition, createConnectionReport } from './connection-report.ts';
import { deviceDiscovery, discoveryTopics, routerDiscovery } from './discovery.ts';
import { createInbox } from './inbox.ts';
import { createOutbox, type Dropped, type Publish, type WaitingEvent } from './outbox.ts';
import { createPace } from './pace.ts';
import { clientIdOf, offline, online, topicsOf } from './topics.ts';
import type { BrokerTrouble } from './trouble.ts';

/** How long things may take. Milliseconds. */
export interface SessionTimeouts {
  readonly connectMs: number;
  readonly publishMs: number;
  readonly stopMs: number;
  readonly firstRetryMs: number;
  readonly retryMs: number;
  /** A connection that held this long was a good one: its loss is met with a quick retry. */
  readonly goodAfterMs: number;
}

/** The retained `info`: what does not change while the daemon runs. */
export interface InfoDocument {
  readonly schema: 1;
  readonly node: string;
  readonly version: string;
  readonly started: string;
}

export interface SessionOptions {
  readonly config: MqttConfig;
  readonly node: string;
  readonly info: InfoDocument;
  readonly client: BrokerPort;
  readonly timers: Timers;
  /** From 0 to 1, once a boot: routers that lost one broker must not return to it together. */
  readonly random: number;
  readonly onCondition: (condition: BrokerCondition) => void;
  /** A request that MQTT may make. */
  readonly onRequest: (request: Request, reply: (answer: Answer) => void) => void;
  readonly timeouts?: Partial<SessionTimeouts>;
}

/** The daemon's side of the broker: takes documents at any time, and delivers them whenever there is a broker. */
export interface Session {
  readonly start: () => void;
  readonly status: (document: StatusDocument) => void;
  /** Undefined deletes the device's topic. */
  readonly device: (key: string, document: DeviceDocument | undefined) => void;
  readonly event: (document: EventDocument) => void;
  /** Events of an earlier run that had no PUBACK. */
  readonly restore: (events: readonly WaitingEvent[]) => void;
  readonly unsent: () => readonly WaitingEvent[];
  readonly dropped: () => Dropped;
  /**
   * Deletes every topic of this router at the broker, and leaves for good; how many they were, or undefined where there
   * is no connection or it ends before all are deleted.
   */
  readonly clean: () => Promise<number | undefined>;
  /** Says offline and leaves, in at most `stopMs`. Never rejects. */
  readonly stop: () => Promise<void>;
}

/** The timeouts of a daemon: retries come every 5 to 15 s, the same for a whole boot. */
export function sessionTimeouts(random: number): SessionTimeouts {
  return {
    connectMs: 10_000,
    publishMs: 5000,
    stopMs: 1500,
    firstRetryMs: 1000,
    retryMs: 5000 + Math.floor(random * 10_000),
    goodAfterMs: 60_000,
  };
}

/**
 * A session with the broker of the configuration. Every connection is a fresh client, so nothing that an old one
 * still held (mqtt.js resends its store) can arrive late or twice; what is unsent lives in the outbox alone.
 */
export function createSession(options: SessionOptions): Session {
  const { config, node, timers } = options;
  const timeouts = { ...sessionTimeouts(options.random), ...options.timeouts };
  const topics = topicsOf(config.base, node);
  const connectOptions = connectOptionsOf(config, node, topics, timeouts.connectMs);
  const broker = connectOptions ? brokerName(connectOptions) : 'of the settings';
  const outbox = createOutbox(topics.event);
  const found = config.discovery === '' ? undefined : discoveryTopics(config.discovery, node);
  if (found) outbox.keep(found.router, JSON.stringify(routerDiscovery(node, options.info, config)), 1);
  outbox.keep(topics.availability, online, 1);
  outbox.keep(topics.info, JSON.stringify(options.info), 0);

  let connection: BrokerConnection | undefined;
  let phase: 'idle' | 'connecting' | 'up' | 'waiting' | 'stopped' = 'idle';
  let failures = 0;
  let pumping = false;
  let cancelTimer = () => {};
  let deletions = 0;
  const pace = createPace(timers, pump);
  const report = createConnectionReport({
    ...{ broker, clientId: clientIdOf(node), goodAfterMs: timeouts.goodAfterMs },
    ...{ timers, onCondition: options.onCondition },
  });
  /** Set while everything is being deleted, and for ever after. */
  let cleaned: ((count: number | undefined) => void) | undefined;
  const inbox = createInbox({
    ...{ topics, node, discovery: config.discovery, commands: config.commands, outbox, timers, pump },
    ...{ random: options.random, onRequest: options.onRequest },
    onDeaf: (on) => options.onCondition({ reason: 'mqtt_not_heard', on }),
    onForged: (times) =>
      options.onCondition({
        reason: 'topics_forged',
        on: times > 0,
        ...(times > 0 && { detail: times === 1 ? 'once' : `${times} times` }),
      }),
  });

  function connect(): void {
    if (!connectOptions) {
      report.impossible('The MQTT url must be mqtt://host[:port] or mqtts://host[:port]');
      return;
    }
    phase = 'connecting';
    let live = true;
    connection = options.client.connect(connectOptions, {
      up: () => {
        if (live && phase === 'connecting') arrived();
      },
      down: (trouble) => {
        if (live) lost(trouble);
        live = false;
      },
      message: (message) => {
        if (live && phase === 'up') inbox.take(message);
      },
    });
  }

  function arrived(): void {
    phase = 'up';
    report.arrived();
    outbox.connected();
    inbox.connected();
    connection?.subscribe(inbox.subscriptions);
    pump();
  }

  function lost(trouble: BrokerTrouble): void {
    if (phase !== 'connecting' && phase !== 'up') return;
    cleaned?.(undefined);
    cancelTimer();
    outbox.disconnected();
    connection?.destroy();
    connection = undefined;
    phase = 'waiting';
    if (report.lost(trouble)) failures = 0;
    cancelTimer = timers.after(failures === 0 ? timeouts.firstRetryMs : timeouts.retryMs, connect);
    failures++;
  }

  /** Sends while there is something due. A loop, since QoS 0 may be done at once: 1,024 documents must not nest. */
  function pump(): void {
    if (pumping) return;
    pumping = true;
    while (phase === 'up' && connection) {
      // What the broker should know is said at once when it returns or lost it; what is new has its pace.
      const hasPace = !outbox.isRepeating() && !cleaned;
      if (hasPace && pace.isSpent()) break;
      const message = outbox.next();
      if (!message) break;
      if (hasPace) pace.count();
      if (message.retain) inbox.sent(message.topic, message.payload);
      send(connection, message);
    }
    pumping = false;
    if (cleaned && phase === 'up' && outbox.isEmpty()) leaveClean(cleaned);
  }

  /** Nothing is left at the broker: the will is taken back by a proper end, and nobody says offline. */
  function leaveClean(done: (count: number | undefined) => void): void {
    const last = connection;
    phase = 'stopped';
    cancelTimer();
    inbox.stop();
    report.stop();
    const finish = () => {
      cancel();
      last?.destroy();
      done(deletions);
    };
    const cancel = timers.after(timeouts.stopMs, finish);
    last?.end(finish);
  }

  function send(over: BrokerConnection, message: Publish): void {
    const trouble: BrokerTrouble = {
      cause: 'timeout',
      detail: `no PUBACK in ${timeouts.publishMs / 1000} s`,
    };
    const cancel = timers.after(timeouts.publishMs, () => lost(trouble));
    cancelTimer = cancel;
    over.publish(message, () => {
      cancel();
      if (over !== connection || phase !== 'up') return;
      outbox.settle();
      report.served();
      pump();
    });
  }

  return {
    start() {
      if (phase === 'idle') connect();
    },
    status(document) {
      if (cleaned) return;
      outbox.keep(topics.status, JSON.stringify(document), 0);
      pump();
    },
    device(key, document) {
      if (cleaned) return;
      const described = document && found && deviceDiscovery(node, key, document, options.info, config);
      if (found) outbox.document(found.device(key), described && JSON.stringify(described), 1);
      outbox.document(topics.device(key), document && JSON.stringify(document));
      pump();
    },
    event(document) {
      outbox.event({ id: document.id, payload: JSON.stringify(document) });
      pump();
    },
    restore: (events) => outbox.restore(events),
    unsent: () => outbox.unsent(),
    dropped: () => outbox.dropped(),
    clean() {
      if (phase !== 'up' || cleaned) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        cleaned = resolve;
        deletions = outbox.deleteAll();
        pump();
      });
    },
    stop() {
      inbox.stop();
      report.stop();
      const last = phase === 'up' ? connection : undefined;
      phase = 'stopped';
      cancelTimer();
      outbox.disconnected();
      if (!last) {
        connection?.destroy();
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const finish = () => {
          cancel();
          last.destroy();
          resolve();
        };
        const cancel = timers.after(timeouts.stopMs, finish);
        const message: Publish = { topic: topics.availability, payload: offline, retain: true, qos: 1 };
        last.publish(message, () => last.end(finish));
      });
    },
  };
}
