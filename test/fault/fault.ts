import type { Guard, GuardOptions } from '../guard/guard.ts';
import type { Lab } from '../lab/lab.ts';

/** Where a fault is made. */
export interface Place {
  readonly lab: Lab;
  readonly guard: Guard;
}

/** What may happen at most in one cell of the matrix. */
export interface Bound {
  /** Messages that the internet accepts. */
  readonly leaked: number;
  /** Seconds until the kernel holds the bot, or that a held device is not. */
  readonly openS: number;
}

/** When the fault comes: before a bot begins, with its first connection, or while its device is held. */
export const moments = ['idle', 'attack', 'banned'] as const;
export type Moment = (typeof moments)[number];

/** One row of the matrix. The bounds were written before the first run. */
export interface Fault {
  readonly name: string;
  /** What is done, for people. */
  readonly what: string;
  /** What the guard needs for it to be possible. */
  readonly prepare?: (lab: Lab) => Promise<GuardOptions> | GuardOptions;
  /** Makes the fault, and lets the system around it do what it does. Resolves when that is over. */
  readonly inject: (place: Place) => Promise<void>;
  readonly bounds: Readonly<Record<Moment, Bound>>;
  /** What people are told of it, for the table, and how it is found in the log and the status; absent: nothing. */
  readonly tells?: string;
  readonly told?: RegExp;
  /** It leaves everybody's network alone: the chaos test may make it at any time. */
  readonly gentle: boolean;
}

/** The guard is whole: what leaks is what two first contacts may. The seconds are the bot's start and two looks, too. */
export const whole: Bound = { leaked: 2, openS: 3 };
/** Nobody decides for a while: what leaks is a device's budget of connections in the kernel. */
export const alone: Bound = { leaked: 20, openS: 10 };
/** A device that is held stays held. */
export const held: Bound = { leaked: 0, openS: 0 };
