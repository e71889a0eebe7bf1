import type { DeviceClass } from '../config/config.ts';
import type { Counters } from '../conntrack/flow.ts';

const hourMs = 3_600_000;
const hours = 24;

/** Messages of the last 24 hours, in whole hours of the monotonic clock: 24 numbers, the oldest overwritten. */
export interface Volume {
  readonly byHour: number[];
  /** The hour, counted from the clock's zero, of the newest entry. */
  hour: number;
}

/** No messages yet. */
export function emptyVolume(): Volume {
  return { byHour: Array<number>(hours).fill(0), hour: 0 };
}

/** Counts estimated messages at this time: of a finished flow, or what a live one sent since it was last read. */
export function countMessages(volume: Volume, messages: number, nowMs: number): void {
  const slot = advance(volume, nowMs);
  volume.byHour[slot] = (volume.byHour[slot] ?? 0) + messages;
}

/** Messages of the last 23 to 24 hours. */
export function messagesInDay(volume: Volume, nowMs: number): number {
  advance(volume, nowMs);
  return volume.byHour.reduce((sum, count) => sum + count, 0);
}

/** Empties the hours that passed since the newest entry; returns the slot of the present one. */
function advance(volume: Volume, nowMs: number): number {
  const hour = Math.floor(nowMs / hourMs);
  const passed = Math.min(hours, hour - volume.hour);
  for (let back = 0; back < passed; back++) volume.byHour[slotOf(hour - back)] = 0;
  volume.hour = Math.max(volume.hour, hour);
  return slotOf(volume.hour);
}

const slotOf = (hour: number) => hour % hours;

/** Messages a day above which the owner is told; never more than told, since a burglar alarm is loud as well. */
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

/** How many messages and which limit, where the owner should be told; undefined where not. */
export function volumeNotice(
  volume: Volume,
  deviceClass: DeviceClass,
  nowMs: number,
): { readonly messages: number; readonly limit: number } | undefined {
  const messages = messagesInDay(volume, nowMs);
  const limit = messagesTold(deviceClass);
  return messages > limit ? { messages, limit } : undefined;
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
