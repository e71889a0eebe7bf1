import { describe, expect, it } from 'vitest';
import type { HookEvent } from '../../daemon/hooks/hook-event.ts';
import { createHookQueue, type HookResult, maxRunning, maxWaiting } from '../../daemon/hooks/hook-queue.ts';

const event = (number: number): HookEvent => ({ id: `home-${number}`, type: 'test', document: {} });
const good: HookResult = { code: 0, timedOut: false, durationMs: 1, output: '' };

/** A queue whose hooks end when the test says so. */
function setUp(hooks: readonly string[]) {
  const running = new Map<string, (result: HookResult) => void>();
  const started: string[] = [];
  const ended: string[] = [];
  const dropped: [string, number][] = [];
  const queue = createHookQueue({
    list: () => hooks,
    run: (hook, { id }) =>
      new Promise((resolve) => {
        started.push(`${hook} ${id}`);
        running.set(`${hook} ${id}`, resolve);
      }),
    ended: (hook, { id }, { code }) => void ended.push(`${hook} ${id} ${code}`),
    dropped: ({ id }, total) => void dropped.push([id, total]),
  });
  const finish = async (which: string, result = good) => {
    running.get(which)?.(result);
    running.delete(which);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return { queue, started, ended, dropped, running, finish };
}

describe('hooks of an event', () => {
  it('start in order, two at a time, and each tells how it ended', async () => {
    const { queue, started, ended, running, finish } = setUp(['a', 'b', 'c']);
    queue.push(event(1));
    expect(started).toEqual(['a home-1', 'b home-1']);
    expect(running.size).toBe(maxRunning);
    await finish('b home-1', { ...good, code: 22 });
    expect(started).toEqual(['a home-1', 'b home-1', 'c home-1']);
    await finish('c home-1');
    await finish('a home-1');
    expect(ended).toEqual(['b home-1 22', 'c home-1 0', 'a home-1 0']);
    await queue.settled();
  });

  it('end before those of the next begin', async () => {
    const { queue, started, finish } = setUp(['a']);
    queue.push(event(1));
    queue.push(event(2));
    expect(started).toEqual(['a home-1']);
    await finish('a home-1');
    expect(started).toEqual(['a home-1', 'a home-2']);
  });

  it('do not run again for an event that comes twice, now or later', async () => {
    const { queue, started, finish } = setUp(['a']);
    queue.push(event(1));
    queue.push(event(1));
    await finish('a home-1');
    queue.push(event(1));
    expect(started).toEqual(['a home-1']);
    await queue.settled();
  });

  it('may be none', async () => {
    const { queue, started } = setUp([]);
    queue.push(event(1));
    await queue.settled();
    expect(started).toEqual([]);
  });
});

describe('events that wait', () => {
  it('are 64 at most: the oldest is given up, counted, and told', async () => {
    const { queue, dropped, started, finish } = setUp(['a']);
    for (let number = 0; number <= maxWaiting; number++) queue.push(event(number));
    expect(dropped).toEqual([]);
    queue.push(event(100));
    queue.push(event(101));
    expect(dropped).toEqual([
      ['home-1', 1],
      ['home-2', 2],
    ]);
    await finish('a home-0');
    expect(started).toEqual(['a home-0', 'a home-3']);
  });

  it('are given up when it is told to stop', async () => {
    const { queue, started, finish } = setUp(['a']);
    queue.push(event(1));
    queue.push(event(2));
    queue.clear();
    await finish('a home-1');
    await queue.settled();
    expect(started).toEqual(['a home-1']);
  });
});
