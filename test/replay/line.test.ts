import { describe, expect, test } from 'vitest';
import type { ReplayFlow } from '../../daemon/replay/replay-flow.ts';
import { flow, judgeFlows, only, servers } from './judge-log.ts';

const startS = 1_700_000_000;
/** An hour without a line, from the 1,000th second on. */
const outages = [{ fromS: startS + 1000, toS: startS + 4600 }];
const dead = (tsS: number, server: string): ReplayFlow =>
  flow(tsS, server, { dport: 587, state: 'timeout', durationS: 9 });
/** Twelve accounts, each tried every five minutes. */
const retries = Array.from({ length: 11 * 12 }, (_, index) =>
  dead(1020 + 25 * index, servers[index % 12] ?? ''),
);

describe('a log of a home whose line was down', () => {
  test('flows alone cannot show it: the phone looks like a bot', () => {
    expect(only(judgeFlows(retries)).restrict).not.toBeNull();
  });

  test('where somebody says when, nothing counts meanwhile', () => {
    const mail = [10, 20].map((tsS, index) => flow(tsS, servers[index] ?? '', { dport: 587 }));
    const late = flow(9000, servers[0] ?? '', { dport: 587 });
    const device = only(judgeFlows([...mail, ...retries, late], { outages }));
    expect(device).toMatchObject({ flows: 135, restrict: null, block: null, messages: 3 });
    expect(device.peak_score).toBeLessThan(1);
  });

  test('a device whose first mail comes in the outage', () => {
    const device = only(judgeFlows(retries, { outages }));
    expect(device).toMatchObject({ restrict: null, score: 0 });
  });

  test('a bot before, within and after is what it is', () => {
    const bot = (fromS: number) =>
      servers.slice(0, 4).map((server, index) => flow(fromS + 60 * index, server));
    for (const fromS of [0, 5000])
      expect(only(judgeFlows(bot(fromS), { outages })).restrict).toMatchObject({ connection: 2 });
    // A line that answers is not down, whatever is said of it.
    expect(only(judgeFlows(bot(2000), { outages })).restrict).toMatchObject({ connection: 2 });
  });
});
