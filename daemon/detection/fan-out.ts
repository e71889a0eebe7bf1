import type { DeviceClass } from '../config/config.ts';
import { type Acquaintance, dayMs, type Profile } from './profile.ts';

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
  /** Groups in use on 465 or 587 within the last 24 hours that were no habit before. */
  readonly newGroups: number;
  readonly limit: number;
}

/**
 * The arm that finds a bot that rotates stolen relays, which the score cannot: each delivers and so speaks for the device.
 * Undefined where the device keeps within its limit. It restricts and does no more.
 */
export function fanOutOf(profile: Profile, deviceClass: DeviceClass, nowMs: number): FanOut | undefined {
  const limit = fanOutLimit(deviceClass);
  if (limit === undefined || profile.groups.size <= limit) return undefined;
  const newGroups = newServices(profile, nowMs);
  return newGroups > limit ? { newGroups, limit } : undefined;
}

/** Submission services in use within the last 24 hours, and since the last pardon, that are no habit. */
export function newServices(profile: Profile, nowMs: number): number {
  const sinceMs = Math.max(nowMs - dayMs, profile.pardonedAtMs ?? Number.NEGATIVE_INFINITY);
  let count = 0;
  for (const { S } of profile.groups.values())
    if (S && S.lastSeenMs >= sinceMs && !isHabit(S, nowMs)) count++;
  return count;
}

/** Relays that are known and no habit yet may be part of what a bot brought with it: they are known no more. */
export function unlearnServices(profile: Profile, nowMs: number): void {
  for (const { S } of profile.groups.values()) {
    if (!S?.known || isHabit(S, nowMs)) continue;
    S.known = false;
    S.deliveredAtMs = undefined;
  }
}

/** Whether the service took this device's mail a day ago already, without trouble since. */
function isHabit({ deliveredAtMs, known, firstSeenMs }: Acquaintance, nowMs: number): boolean {
  // A snapshot keeps no delivery of what is known: it was known when it was saved.
  const sinceMs = deliveredAtMs ?? (known ? firstSeenMs : nowMs);
  return nowMs - sinceMs >= dayMs;
}
