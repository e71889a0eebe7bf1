import { describe, expect, test } from 'vitest';
import type { ReplayFlow } from '../../daemon/replay/replay-flow.ts';
import { flow, judgeFlows, only, servers } from './judge-log.ts';

const mac = '52:54:00:00:00:09';
const addresses = ['192.168.1.51', '192.168.1.52', '192.168.1.53'];

/** Three devices behind one MAC, each of which mails through a relay of its own, an hour apart. */
const household: readonly ReplayFlow[] = addresses.flatMap((src, index) =>
  [0, 1, 2].map((day) => flow(86_400 * day + 3600 * index, `9${index}.1.1.1`, { src, mac, dport: 587 })),
);
const inOrder = (flows: readonly ReplayFlow[]) => [...flows].sort((a, b) => a.tsS - b.tsS);

/** From the third day on the second of them sends to another server every minute. */
const bot = servers
  .slice(0, 10)
  .map((dst, index) => flow(2 * 86_400 + 20_000 + 60 * index, dst, { src: addresses[1] ?? '', mac }));

describe('devices behind one MAC, which the neighbour table shows together', () => {
  test('are told apart: new relays of several of them are not one device’s', () => {
    const first = (dst: string, index: number, atS: number) =>
      flow(atS, dst, { src: addresses[index] ?? '', mac });
    // One device that meets two strangers on port 25 is restricted; here two devices meet one each.
    const strangers = [first('20.1.1.1', 0, 200_000), first('21.1.1.1', 1, 210_000)];
    expect(only(judgeFlows(inOrder([...household, ...strangers]))).restrict).toBeNull();
    const alone = strangers.map((one) => ({ ...one, src: addresses[0] ?? '' }));
    expect(only(judgeFlows(inOrder([...household, ...alone]))).restrict).not.toBeNull();
  });

  test('the bot among them is found as fast as alone, and only it is held', () => {
    const watched = only(judgeFlows(inOrder([...household, ...bot])));
    expect(watched.device).toBe('525400000009');
    expect(watched.restrict).toMatchObject({ connection: household.length + 2 });
    expect(watched.why.join('\n')).toContain(servers[0]);
    const next = [0, 2].map((index) =>
      flow(2 * 86_400 + 30_000, `9${index}.7.7.7`, { src: addresses[index] ?? '', mac, dport: 587 }),
    );
    const held = only(judgeFlows(inOrder([...household, ...bot, ...next]), { enforce: true }));
    expect(held.restrict).not.toBeNull();
    // Its second session was cut. What was refused was the bot's alone, and the others' mail through relays that are new to them passed.
    expect(held.refused).toBe(bot.length - 2);
    expect(held.messages).toBe(household.length + 1 + next.length);
  });
});
