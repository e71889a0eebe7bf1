import type { DeviceClass } from '../config/config.ts';
import type { Counters } from '../conntrack/flow.ts';
import { newServices } from './fan-out.ts';
import { recentEndings, usualPerDay } from './habit.ts';
import type { Profile } from './profile.ts';
import { messagesInDay } from './volume.ts';

/** Messages a day above which a device of whose habit nothing is known is told of. */
export function messagesTold(deviceClass: DeviceClass): number {
  switch (deviceClass) {
    case 'iot':
    case 'appliance':
    case 'unknown':
      return 100;
    case 'computer':
    case 'mailserver':
      return 300;
  }
}

/** Messages a day above which any device but a mail server is slowed: what submission services allow an account. */
const messagesSlowed = 500;
/** So many times what is usual is worth a word, where it is more than a handful. */
const unusualFactor = 5;
const handful = 30;
/** A loud habit is not told every day, only where it doubles. */
const growthFactor = 2;
/** A pace unlike its own: ten times its habit, and three times what is loud for its class. A burglar alarm keeps below. */
const paceFactor = 10;
const loudFactor = 3;
/** Many failures: a third of the sessions of the days in which the mail was sent, ten at least. */
const failuresCounted = 10;
/** Half of what the fan-out arm takes for a bot. */
const manyServices: Readonly<Record<DeviceClass, number>> = {
  iot: 3,
  appliance: 3,
  unknown: 7,
  computer: 7,
  mailserver: Number.POSITIVE_INFINITY,
};

/** Why a device's amount of mail is slowed rather than only told. */
export type SecondSign = 'amount' | 'services' | 'failures' | 'pace';

/** A loud device: what it sent in a day, what would be usual, and what makes it worth slowing. */
export interface Loudness {
  readonly messages: number;
  readonly limit: number;
  readonly sign?: SecondSign;
}

/**
 * The volume arm: undefined where the device sent no more than usual. By itself loudness is only told, since a camera on
 * the night of a burglary is loud as well; it is slowed above 500 a day, or with a second sign, and never blocked.
 */
export function loudnessOf(profile: Profile, deviceClass: DeviceClass, nowMs: number): Loudness | undefined {
  const { volume } = profile;
  const messages = messagesInDay(volume, nowMs);
  if (messages <= handful) return undefined;
  const usual = usualPerDay(volume.habit, nowMs);
  const told = messagesTold(deviceClass);
  const limit = usual === undefined ? told : toldAbove(told, usual);
  if (messages <= limit) return undefined;
  const loudness = { messages, limit: Math.round(limit) };
  const sign =
    deviceClass === 'mailserver' ? undefined : signOf(profile, deviceClass, messages, usual, nowMs);
  return sign ? { ...loudness, sign } : loudness;
}

function toldAbove(told: number, usual: number): number {
  if (growthFactor * usual > told) return growthFactor * usual;
  return Math.max(handful, Math.min(told, unusualFactor * usual));
}

function signOf(
  profile: Profile,
  deviceClass: DeviceClass,
  messages: number,
  usual: number | undefined,
  nowMs: number,
): SecondSign | undefined {
  const told = messagesTold(deviceClass);
  if (messages > messagesSlowed) return 'amount';
  if (messages <= told) return undefined;
  if (newServices(profile, nowMs) >= manyServices[deviceClass]) return 'services';
  const { failures, sessions } = recentEndings(profile.volume.habit);
  if (failures >= failuresCounted && failures * 3 >= sessions) return 'failures';
  const isFast = usual !== undefined && messages > paceFactor * usual && messages > loudFactor * told;
  return isFast ? 'pace' : undefined;
}

/** Below this mean size of its packets a session carries messages rather than an attachment, whatever the link's MTU. */
const meanBytesOfMessages = 1_000;

/**
 * Whether one session carried so many messages that the owner is told at once: a quarter of what is loud for a whole
 * day. Live sessions are looked at every 10 s, so a stolen login that sends without pause is told within 20 s and not
 * when the day is full.
 */
export function isRush(messages: number, { packets, bytes }: Counters, deviceClass: DeviceClass): boolean {
  return messages >= messagesTold(deviceClass) / 4 && bytes < packets * meanBytesOfMessages;
}
