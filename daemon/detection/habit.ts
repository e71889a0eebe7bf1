const dayMs = 86_400_000;

/** How a device mails on its days: of the present one the counts, of up to 14 before it the mean. */
export interface Habit {
  /** The present day, counted from the monotonic clock's zero. */
  day: number;
  messages: number;
  /** Sessions that ended today, and those of them without a message. */
  sessions: number;
  failures: number;
  /** The same of the day before: a day of mail reaches into both. */
  before: { readonly sessions: number; readonly failures: number };
  /** Messages a day, the mean over `days`. */
  perDay: number;
  /** Whole days watched, at most {@link habitDays}: from then on each day weighs 1/14 and the older ones fade. */
  days: number;
}

export const habitDays = 14;
/** A week tells a habit, weekend included. */
const learnedDays = 7;

const noSessions = { sessions: 0, failures: 0 } as const;

/** A device that nobody has watched yet. */
export function newHabit(nowMs: number): Habit {
  return { day: dayOf(nowMs), messages: 0, ...noSessions, before: noSessions, perDay: 0, days: 0 };
}

/** Ends the days that passed. A day without mail counts as one. */
export function rollHabit(habit: Habit, nowMs: number): void {
  const today = dayOf(nowMs);
  // Beyond 14 days of silence every further one changes little; the loop is bounded.
  const passed = Math.min(today - habit.day, 3 * habitDays);
  for (let day = 0; day < passed; day++) {
    habit.days = Math.min(habitDays, habit.days + 1);
    habit.perDay += (habit.messages - habit.perDay) / habit.days;
    const { sessions, failures } = habit;
    Object.assign(habit, { messages: 0, ...noSessions, before: { sessions, failures } });
  }
  habit.day = Math.max(habit.day, today);
}

/** Messages a day that are usual for the device; undefined until it was watched for a week. */
export function usualPerDay(habit: Habit, nowMs: number): number | undefined {
  rollHabit(habit, nowMs);
  return habit.days >= learnedDays ? habit.perDay : undefined;
}

/** Notes how a session ended. */
export function noteEnding(habit: Habit, isFailure: boolean, nowMs: number): void {
  rollHabit(habit, nowMs);
  habit.sessions++;
  if (isFailure) habit.failures++;
}

/** The sessions that ended today or the day before, and those of them without a message. */
export function recentEndings({ sessions, failures, before }: Habit): { sessions: number; failures: number } {
  return { sessions: sessions + before.sessions, failures: failures + before.failures };
}

const dayOf = (nowMs: number) => Math.floor(nowMs / dayMs);
