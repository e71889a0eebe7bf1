import { describe, expect, it } from 'vitest';
import { createFeed, keptEvents, maxFollowers } from '../../daemon/control/feed.ts';
import type { HookReport } from '../../daemon/control/hook-report.ts';

const event = (number: number) => ({ id: `home-${number}`, type: 'test' });
const line = (number: number) => `${JSON.stringify(event(number))}\n`;
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** A feed of so many events, and a program that follows it. */
function feedOf(events: number) {
  const feed = createFeed();
  for (const number of range(1, events)) feed.publish(event(number));
  const heard: string[] = [];
  return { feed, heard, follow: (after?: string) => feed.follow((text) => void heard.push(text), after) };
}

describe('a feed', () => {
  it('hands on what comes, and nothing of what was, unless asked', () => {
    const { feed, heard, follow } = feedOf(3);
    expect(follow()).toMatchObject({ lines: [], complete: true, last: 'home-3' });
    feed.publish(event(4));
    expect(heard).toEqual([line(4)]);
  });

  it('gives what came after an event, oldest first', () => {
    expect(feedOf(5).follow('home-3')).toMatchObject({ lines: [line(4), line(5)], complete: true });
    expect(feedOf(5).follow('home-5')).toMatchObject({ lines: [], complete: true });
  });

  it('gives all of a new run to whoever knows the last one, and says that nothing is missing', () => {
    expect(feedOf(2).follow('office-9')).toMatchObject({ lines: [line(1), line(2)], complete: true });
    expect(feedOf(0).follow('office-9')).toMatchObject({ lines: [], complete: true, last: undefined });
  });

  it('keeps the newest, and says where some are missing', () => {
    const { follow } = feedOf(keptEvents + 10);
    const expected = range(11, keptEvents + 10).map(line);
    expect(follow('home-3')).toMatchObject({ lines: expected, complete: false });
    expect(feedOf(keptEvents + 10).follow('home-11')).toMatchObject({ complete: true });
  });

  it('has two followers at most, and takes another when one has left', () => {
    const { feed, heard, follow } = feedOf(0);
    const followers = range(1, maxFollowers).map(() => follow());
    expect(follow()).toBeUndefined();
    followers[0]?.leave();
    feed.publish(event(1));
    expect(heard).toHaveLength(maxFollowers - 1);
    expect(follow()).toBeDefined();
  });

  it('gathers how the hooks of a test end, of those that were announced, each once', () => {
    const { feed, follow } = feedOf(1);
    const program = follow();
    const test = feed.test('home-1');
    expect([test?.silent(), test?.isComplete()]).toEqual([1, false]);
    const say = (report: HookReport) => program?.report(report);
    say({ event: 'home-1', hook: 'a', code: 0 }); // not announced
    say({ event: 'home-2', hooks: ['x'] }); // not under way
    say({ event: 'home-1', hooks: ['a', 'b'] });
    say({ event: 'home-1', hooks: ['c'] });
    expect([test?.silent(), test?.isComplete()]).toEqual([0, false]);
    say({ event: 'home-1', hook: 'b', code: 3 });
    say({ event: 'home-1', hook: 'b', code: 0 });
    say({ event: 'home-1', hook: 'c', code: 0 });
    expect(test?.hooks()).toEqual([{ hook: 'a' }, { hook: 'b', code: 3 }]);
    say({ event: 'home-1', hook: 'a', code: 143, timed_out: true });
    expect(test?.isComplete()).toBe(true);
    expect(test?.hooks()[0]).toEqual({ hook: 'a', code: 143, timed_out: true });
    test?.end();
    expect(program?.report({ event: 'home-1', hook: 'a', code: 0 })).toBeUndefined();
  });

  it('waits for nobody where nobody follows, or who followed has left', () => {
    const { feed, follow } = feedOf(1);
    const test = feed.test('home-1');
    expect(test?.isComplete()).toBe(true);
    const program = follow();
    expect(test?.isComplete()).toBe(false);
    program?.leave();
    expect([test?.silent(), test?.isComplete()]).toEqual([0, true]);
  });

  it('has so many tests under way at most', () => {
    const { feed } = feedOf(0);
    const begun = range(1, 20).map((number) => feed.test(`home-${number}`));
    expect(begun.filter((test) => test !== undefined)).toHaveLength(8);
    begun[0]?.end();
    expect(feed.test('home-21')).toBeDefined();
  });
});
