import type { DegradedReason } from '../engine/degraded.ts';
import type { Timers } from './broker-port.ts';
import { type BrokerTrouble, describeTrouble } from './trouble.ts';

/** A condition began or ended; the shape of the engine's input of that name. */
export interface BrokerCondition {
  readonly reason: Extract<
    DegradedReason,
    'broker_unreachable' | 'client_id_taken' | 'topics_forged' | 'mqtt_not_heard'
  >;
  readonly on: boolean;
  readonly detail?: string;
}

export interface ReportOptions {
  /** What the broker is called in messages. */
  readonly broker: string;
  readonly clientId: string;
  /** A connection that held this long was a good one. */
  readonly goodAfterMs: number;
  readonly timers: Timers;
  readonly onCondition: (condition: BrokerCondition) => void;
}

/** Says whether there is a broker, and whether another client has our client id. */
export interface ConnectionReport {
  /** Why no connection can even be tried. */
  readonly impossible: (why: string) => void;
  /** The broker took us. */
  readonly arrived: () => void;
  /** The broker acknowledged something. */
  readonly served: () => void;
  /** The connection, or the attempt at one, ended; returns whether it was a good one. */
  readonly lost: (trouble: BrokerTrouble) => boolean;
  /** Nobody needs to know of this broker any more: the next one, if there is one, speaks for itself. */
  readonly stop: () => void;
}

/**
 * So many connections in a row that served us and that the broker closed before they were good: that is what two clients of
 * one id do to each other, since the broker closes the older one. From then on the losses and returns of each round are no
 * news, until a connection was good.
 */
const takenAfter = 3;

/** A report of a session that has no connection yet. Each condition is told when it begins, changes or ends. */
export function createConnectionReport(options: ReportOptions): ConnectionReport {
  const { broker, clientId, goodAfterMs, timers, onCondition } = options;
  let told: string | undefined;
  let isTaken = false;
  /** How far the present connection came. */
  let life: 'none' | 'up' | 'served' | 'good' = 'none';
  let shortLives = 0;
  let cancelGood = () => {};

  /** Reports a change only: a broker that is away for a week is one condition, not sixty thousand. */
  function unreachable(why: string | undefined): void {
    if (why === told) return;
    told = why;
    onCondition({
      reason: 'broker_unreachable',
      on: why !== undefined,
      ...(why !== undefined && { detail: why }),
    });
  }

  function taken(on: boolean): void {
    if (on === isTaken) return;
    isTaken = on;
    onCondition({ reason: 'client_id_taken', on, ...(on && { detail: clientId }) });
  }

  return {
    impossible: unreachable,
    arrived() {
      life = 'up';
      cancelGood = timers.after(goodAfterMs, () => {
        life = 'good';
        shortLives = 0;
        taken(false);
      });
    },
    served() {
      if (life === 'up') life = 'served';
      // Only now: some brokers accept a client and close at its first message.
      unreachable(undefined);
    },
    lost(trouble) {
      cancelGood();
      // Once it is known, also the round in which the other was too quick for anything to be acknowledged.
      const isShort = trouble.cause === 'closed' && (life === 'served' || (life === 'up' && isTaken));
      const wasGood = life === 'good';
      life = 'none';
      shortLives = isShort ? shortLives + 1 : 0;
      if (shortLives >= takenAfter) taken(true);
      if (!isTaken || !isShort) unreachable(describeTrouble(broker, trouble));
      return wasGood;
    },
    stop() {
      cancelGood();
      unreachable(undefined);
      taken(false);
    },
  };
}
