import { expect, test } from 'vitest';
import { families } from './families.ts';
import type { MadeFlow } from './family.ts';
import { makeDevice, tryDevice } from './trial.ts';

/** Delivers a message to that many servers, each in its own /16, one a minute. */
const spam = (servers: number): MadeFlow[] =>
  Array.from({ length: servers }, (_, index) => ({
    tsS: 1_793_491_200 + index * 60,
    src: '192.168.1.50',
    dst: `${20 + index}.7.0.25`,
    sport: 40_000 + index,
    dport: 25,
    state: 'established',
    durationS: 5,
    out: { packets: 15, bytes: 5_000 },
    back: { packets: 14, bytes: 1_200 },
    messages: 1,
  }));

test('a bot is found where the scores say, and leaks what had ended by then', () => {
  // unknown: N 3.401, delivered -0.511: 2.890; N again 6.291, above 4.6 at the second connection's start. Then 5.780,
  // N 9.181, 8.670 and N 12.071, above 9.21 at the fourth.
  const { watched, enforced, messages, peers } = tryDevice(
    { flows: spam(10) },
    { device: 'bot/0', class: 'unknown' },
    'normal',
  );
  expect(messages).toBe(10);
  expect(watched.restrict).toEqual({ connection: 2, afterS: 60, leaked: 1 });
  expect(watched.block).toEqual({ connection: 4, afterS: 180, leaked: 3 });
  expect(enforced.leaked).toBe(1);
  expect(peers['any_port_25']).toEqual({ connection: 1, afterS: 0, leaked: 0 });
  expect(peers['fixed_5_per_hour']).toEqual({ connection: 6, afterS: 300, leaked: 5 });
});

test('in a device that mailed before, the bot is counted from its own first connection', () => {
  const flows = spam(10);
  const made = { flows, botFromS: flows[1]?.tsS ?? 0 };
  const { watched, peers } = tryDevice(made, { device: 'bot/0', class: 'unknown' }, 'normal');
  expect(watched.restrict).toEqual({ connection: 1, afterS: 0, leaked: 1 });
  expect(watched.block).toEqual({ connection: 3, afterS: 120, leaked: 3 });
  expect(peers['any_port_25']?.connection).toBe(0);
});

test('an owner\'s "iot" lets nothing out on port 25', () => {
  expect(tryDevice({ flows: spam(10) }, { device: 'bot/0', class: 'iot' }, 'normal').enforced.leaked).toBe(0);
});

test('a camera of the ordinary kind is left alone either way', () => {
  const camera = families.find(({ name }) => name === 'camera_25');
  if (!camera) throw new Error('no camera');
  const made = makeDevice(camera, 0);
  const { watched, enforced } = tryDevice(made, { device: 'camera_25/0', class: 'iot' }, 'normal');
  expect([watched.restrict, watched.block, enforced.restrict, enforced.block]).toEqual(
    Array(4).fill(undefined),
  );
});
