import type { DeviceClass } from '../../daemon/config/config.ts';
import type { ReplayFlow } from '../../daemon/replay/replay-flow.ts';
import type { Outage } from '../../daemon/replay/replay-options.ts';
import type { Chance } from './chance.ts';

/** A flow whose truth is known. */
export interface MadeFlow extends ReplayFlow {
  /** How many messages its receiver accepted; none of the owner's in a device that a bot is in: those are no leak. */
  readonly messages: number;
}

/** What one device did, in the order of the flows' starts. */
export interface Made {
  readonly flows: readonly MadeFlow[];
  readonly outages?: readonly Outage[];
  /** The bot's first flow, in a device that mailed for its owner before and goes on to; absent: it was there from the first. */
  readonly botFromS?: number;
}

/** Devices that are alike. Every parameter of `make` has its source, or the reasoning behind it, in the file's comment. */
export interface Family {
  /** Key of the figures: `[a-z0-9_]+`. */
  readonly name: string;
  /** For people. */
  readonly about: string;
  /**
   * `bot`: to be caught. `ordinary`: not to be touched, and counted in the bound. `difficult`: honest, and known to be
   * taken for a bot; to get no worse.
   */
  readonly kind: 'bot' | 'ordinary' | 'difficult';
  /** The classes it is judged as: every bot as each of them, of the others one device as one. */
  readonly classes: readonly DeviceClass[];
  /** How long each device is watched. */
  readonly days: number;
  /** Nobody has looked at it while the detection was made: it shows whether what was learned from the others holds. */
  readonly keptBack?: true;
  /** How many are made. */
  readonly devices: number;
  make(chance: Chance): Made;
}

/** A bot sits in anything, and the guard knows only what it takes the thing for. */
export const botClasses: readonly DeviceClass[] = ['unknown', 'iot', 'computer'];

/** When every watch begins: 2026-11-01 00:00 UTC, and midnight at home. */
export const startS = 1_793_491_200;

export const dayS = 86_400;

/** Devices of each ordinary family: 13 families of 140 make more than the 1,650 device-months that detection.md's bound asks for. */
export const ordinaryDevices = 140;

/** Of families of which all or none are taken for bots. */
export const fewDevices = 40;
