import type { DeviceClass } from '../config/config.ts';
import { forgetMs } from './memory.ts';
import { type Acquaintance, dayMs, type Profile, takeBack } from './profile.ts';
import { cellLlr, type PortClass } from './table.ts';

/** A relay on port 25 becomes known after so long without trouble: a bot's first delivery must not open the door. */
export const quietMs = 7 * dayMs;

/** The most relays that a device learns by itself. What its owner allows does not count. */
export function knownLimit(portClass: PortClass, deviceClass: DeviceClass): number {
  if (portClass === 'M') return 1;
  switch (deviceClass) {
    case 'iot':
    case 'appliance':
      return 4;
    case 'unknown':
      return 6;
    case 'computer':
    case 'mailserver':
      return 16;
  }
}

/** Whether a delivery on this port class makes a relay known at once. */
function trustsAtOnce(portClass: PortClass, deviceClass: DeviceClass): boolean {
  return portClass === 'S' || deviceClass === 'computer' || deviceClass === 'mailserver';
}

/**
 * Notes that a message was delivered through the group. Makes it known at once or starts its quiet days; returns
 * whether it is known now. A group that the memory no longer holds stays unknown.
 */
export function markDelivered(
  profile: Profile,
  group: string,
  portClass: PortClass,
  deviceClass: DeviceClass,
  nowMs: number,
): boolean {
  const met = profile.groups.get(group)?.[portClass];
  if (!met) return false;
  met.deliveredAtMs ??= nowMs;
  return settle(profile, group, portClass, deviceClass, nowMs);
}

/**
 * Makes a delivered-to relay known once its quiet days have passed and there is room. Returns whether it is known. On
 * port 25 what its first contact said against the device is taken back; and a provider's exchangers never become a
 * relay there, since they are where everybody's spam goes.
 */
export function settle(
  profile: Profile,
  group: string,
  portClass: PortClass,
  deviceClass: DeviceClass,
  nowMs: number,
): boolean {
  const memory = profile.groups.get(group);
  const met = memory?.[portClass];
  if (!met) return false;
  if (met.known || met.deliveredAtMs === undefined) return met.known;
  if (portClass === 'M' && memory.mailboxes) return false;
  const isQuiet = trustsAtOnce(portClass, deviceClass) || nowMs - met.deliveredAtMs >= quietMs;
  met.known = isQuiet && makeRoom(profile, portClass, knownLimit(portClass, deviceClass), nowMs);
  if (met.known && portClass === 'M') takeBack(profile, cellLlr('M,N', deviceClass), met.firstSeenMs, nowMs);
  return met.known;
}

/** Whether one more relay may be known; one that was not used for 30 days gives way. */
function makeRoom(profile: Profile, portClass: PortClass, limit: number, nowMs: number): boolean {
  const known: Acquaintance[] = [];
  for (const memory of profile.groups.values()) {
    const met = memory[portClass];
    if (met?.known) known.push(met);
  }
  if (known.length < limit) return true;
  const idle = known.sort((a, b) => a.lastSeenMs - b.lastSeenMs)[0];
  if (!idle || nowMs - idle.lastSeenMs <= forgetMs) return false;
  idle.known = false;
  idle.deliveredAtMs = undefined;
  return true;
}

/** Trouble (a restrict, an incident) at any time starts every relay's quiet days over, with its next delivery. */
export function markTrouble(profile: Profile): void {
  for (const { M, S } of profile.groups.values()) {
    if (M && !M.known) M.deliveredAtMs = undefined;
    if (S && !S.known) S.deliveredAtMs = undefined;
  }
}

/**
 * The stranger that a device met on port 25 within 30 days, where it met no other. Undefined where it is a provider of
 * mailboxes: everybody's spam goes there.
 */
export function loneStranger({ groups }: Profile, nowMs: number): Acquaintance | undefined {
  let lone: Acquaintance | undefined;
  for (const { M, mailboxes } of groups.values()) {
    if (!M || M.known || nowMs - M.lastSeenMs > forgetMs) continue;
    if (lone || mailboxes) return undefined;
    lone = M;
  }
  return lone;
}

/** One relay that a device has learned. */
export interface KnownRelay {
  readonly group: string;
  readonly portClass: PortClass;
  readonly lastSeenMs: number;
}

/** The relays that a device has learned, the last used first. At most 17. */
export function knownRelays(profile: Profile): KnownRelay[] {
  const relays: KnownRelay[] = [];
  for (const [group, memory] of profile.groups) {
    for (const portClass of ['M', 'S'] as const) {
      const met = memory[portClass];
      if (met?.known) relays.push({ group, portClass, lastSeenMs: met.lastSeenMs });
    }
  }
  return relays.sort((a, b) => b.lastSeenMs - a.lastSeenMs);
}

/** Whether the device has any relay of its own. */
export function hasKnownRelay(profile: Profile): boolean {
  for (const { M, S } of profile.groups.values()) if (M?.known || S?.known) return true;
  return false;
}
