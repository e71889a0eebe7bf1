import { expect, test } from 'vitest';
import { createPace, messagesPerSecond } from '../../daemon/mqtt/pace.ts';
import { createClock } from './clock.ts';

test('no second has more than ten messages, none is lost, and nobody waits where there are few', () => {
  const clock = createClock();
  const sentMs: number[] = [];
  let due = 0;
  const pump = () => {
    while (due > 0 && !pace.isSpent()) {
      pace.count();
      due--;
      sentMs.push(clock.timers.nowMs());
    }
  };
  const pace = createPace(clock.timers, pump);
  for (let each = 0; each < 35; each++) {
    due++;
    pump();
    clock.advance(30);
  }
  clock.advance(10_000);
  expect(sentMs).toHaveLength(35);
  for (const begin of sentMs)
    expect(sentMs.filter((ms) => ms >= begin && ms < begin + 1000).length).toBeLessThanOrEqual(
      messagesPerSecond,
    );
  expect(sentMs.at(-1)).toBeLessThanOrEqual(3300);
  expect(clock.waiting()).toBe(0);
  const quietMs = clock.timers.nowMs();
  for (let each = 0; each < messagesPerSecond; each++) {
    due++;
    pump();
  }
  expect(sentMs.slice(35)).toEqual(Array(messagesPerSecond).fill(quietMs));
});
