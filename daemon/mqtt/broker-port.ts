import type { ConnectOptions } from './connect-options.ts';
import type { Publish } from './outbox.ts';
import type { BrokerTrouble } from './trouble.ts';

/** What the broker sends to a topic that was subscribed to. */
export interface Received {
  readonly topic: string;
  /** UTF-8; of one larger than `maxReceivedBytes` the beginning, with a zero character at its end. */
  readonly payload: string;
  /** It lay at the broker, rather than being sent now. */
  readonly retained: boolean;
}

/** Of a packet above this no more is kept: anybody with a login may send us one. */
export const maxReceivedBytes = 8192;

/** What a connection tells. */
export interface BrokerEvents {
  /** At most once. */
  readonly up: () => void;
  /** The end of the connection, also before `up`. */
  readonly down: (trouble: BrokerTrouble) => void;
  readonly message: (message: Received) => void;
}

/** One connection, from its first packet to its end. Nothing here throws or waits. */
export interface BrokerConnection {
  /** `done` comes at PUBACK (QoS 1) or when written (QoS 0); a message that fails has no answer but the connection's end. */
  readonly publish: (message: Publish, done: () => void) => void;
  /** QoS 0, once a connection. What is not granted is not heard, and that is all: see `onDeaf` of the inbox. */
  readonly subscribe: (topics: readonly string[]) => void;
  /** Says DISCONNECT, which makes the broker forget the will, and closes; may never finish. */
  readonly end: (done: () => void) => void;
  /** Closes at once; nothing is reported afterwards. */
  readonly destroy: () => void;
}

/** Makes connections. */
export interface BrokerPort {
  readonly connect: (options: ConnectOptions, on: BrokerEvents) => BrokerConnection;
}

/** Monotonic time and one-shot timers; `after` returns its cancellation. */
export interface Timers {
  readonly nowMs: () => number;
  readonly after: (delayMs: number, run: () => void) => () => void;
}
