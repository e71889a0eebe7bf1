import type { DeviceClass } from '../config/config.ts';
import { dayMs, type Profile, reachOf } from './profile.ts';

/**
 * The most submission services that a device takes up within a day. A thing has one relay, or two; a phone with twelve
 * accounts tries them all on its first evening, and nobody may have said that it is a phone. Undefined: no limit.
 */
export function fanOutLimit(deviceClass: DeviceClass): number | undefined {
  switch (deviceClass) {
    case 'iot':
    case 'appliance':
      return 4;
    case 'unknown':
    case 'computer':
      return 12;
    case 'mailserver':
      return undefined;
  }
}

/** How far a device spread, and how far it might. */
export interface FanOut {
  /** Groups first met on 465 or 587 within the last 24 hours, delivered to or not. */
  readonly newGroups: number;
  readonly limit: number;
}

/**
 * The arm that finds a bot that rotates stolen relays, which the score cannot: each delivers and so speaks for the device.
 * Returns what it found where the device spread too far, which restricts it and no more; undefined where not.
 *
 * @param sinceMs what was met before is paid for: the end of its last ban, or a release
 */
export function fanOutOf(
  profile: Profile,
  deviceClass: DeviceClass,
  nowMs: number,
  sinceMs = Number.NEGATIVE_INFINITY,
): FanOut | undefined {
  const limit = fanOutLimit(deviceClass);
  if (limit === undefined) return undefined;
  const { newGroups } = reachOf(profile, Math.min(dayMs, nowMs - sinceMs), nowMs, 'S');
  return newGroups > limit ? { newGroups, limit } : undefined;
}
