import { type Habit, newHabit, rollHabit } from './habit.ts';

const hourMs = 3_600_000;
const hours = 24;

/** Messages of the last 24 hours, in whole hours of the monotonic clock: 24 numbers, the oldest overwritten. */
export interface Volume {
  readonly byHour: number[];
  /** The hour, counted from the clock's zero, of the newest entry. */
  hour: number;
  /** The same by days, and how its sessions end. */
  readonly habit: Habit;
}

/** No messages yet. */
export function emptyVolume(nowMs: number): Volume {
  return { byHour: Array<number>(hours).fill(0), hour: 0, habit: newHabit(nowMs) };
}

/** Counts estimated messages at this time: of a finished flow, or what a live one sent since it was last read. */
export function countMessages(volume: Volume, messages: number, nowMs: number): void {
  const slot = advance(volume, nowMs);
  volume.byHour[slot] = (volume.byHour[slot] ?? 0) + messages;
  rollHabit(volume.habit, nowMs);
  volume.habit.messages += messages;
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
