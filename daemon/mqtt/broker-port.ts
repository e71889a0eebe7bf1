import type { ConnectOptions } from './connect-options.ts';
import type { Publish } from './outbox.ts';
import type { BrokerTrouble } from './trouble.ts';

/** One connection, from its first packet to its end. Nothing here throws or waits. */
export interface BrokerConnection {
  /** `done` comes at PUBACK (QoS 1) or when written (QoS 0); a message that fails has no answer but the connection's end. */
  readonly publish: (message: Publish, done: () => void) => void;
  /** Says DISCONNECT, which makes the broker forget the will, and closes; may never finish. */
  readonly end: (done: () => void) => void;
  /** Closes at once; nothing is reported afterwards. */
  readonly destroy: () => void;
}

/** Makes connections. `up` comes at most once; `down` ends the connection, also before `up`. */
export interface BrokerPort {
  readonly connect: (
    options: ConnectOptions,
    on: { readonly up: () => void; readonly down: (trouble: BrokerTrouble) => void },
  ) => BrokerConnection;
}

/** Monotonic time and one-shot timers; `after` returns its cancellation. */
export interface Timers {
  readonly nowMs: () => number;
  readonly after: (delayMs: number, run: () => void) => () => void;
}
