import { expect, test } from 'vitest';
import { newHabit, noteEnding, recentEndings, rollHabit, usualPerDay } from '../../daemon/detection/habit.ts';
import { dayMs } from '../../daemon/detection/profile.ts';

/** Days of so many messages each, from day 0 on. */
function mailed(perDay: readonly number[]) {
  const habit = newHabit(0);
  for (const [day, messages] of perDay.entries()) {
    rollHabit(habit, day * dayMs);
    habit.messages += messages;
  }
  return habit;
}

test('a week tells a habit, the mean of its days, the silent ones included', () => {
  expect(usualPerDay(mailed([7, 0, 7, 0, 7, 0, 7]), 7 * dayMs - 1)).toBeUndefined();
  expect(usualPerDay(mailed([7, 0, 7, 0, 7, 0, 7]), 7 * dayMs)).toBeCloseTo(4, 9);
});

test('from two weeks on a day weighs a fourteenth', () => {
  const habit = mailed(Array<number>(20).fill(14));
  habit.messages = 28;
  // 14 + (28 - 14) / 14.
  expect(usualPerDay(habit, 20 * dayMs)).toBeCloseTo(15, 9);
});

test('a long silence wears it down, in bounded time; a clock that jumps back changes nothing', () => {
  const habit = mailed(Array<number>(14).fill(100));
  expect(usualPerDay(habit, 0)).toBeCloseTo(100, 9);
  expect(usualPerDay(habit, 1e15)).toBeLessThan(100 * (13 / 14) ** 40);
});

test('failures are those of the present day and the one before', () => {
  const habit = newHabit(0);
  noteEnding(habit, true, 0);
  noteEnding(habit, false, 1);
  expect(recentEndings(habit)).toEqual({ sessions: 2, failures: 1 });
  noteEnding(habit, false, dayMs);
  expect(recentEndings(habit)).toEqual({ sessions: 3, failures: 1 });
  noteEnding(habit, true, 2 * dayMs);
  expect(recentEndings(habit)).toEqual({ sessions: 2, failures: 1 });
  noteEnding(habit, true, 4 * dayMs);
  expect(recentEndings(habit)).toEqual({ sessions: 1, failures: 1 });
});
