import { describe, expect, test } from 'vitest';
import { parsePrefix } from '../../daemon/address/prefix.ts';
import { createEvaluator, mostDevices } from '../../daemon/replay/evaluator.ts';
import type { ReplayFlow } from '../../daemon/replay/replay-flow.ts';
import { data } from '../detection/provider-data.ts';
import { flow, judgeFlows, only, plain, servers } from './judge-log.ts';

const prefix = (text: string) => {
  const parsed = parsePrefix(text);
  if (!parsed) throw new Error(text);
  return parsed;
};

/** One connection a minute, each to another server. */
const spread = (count: number, changes: Partial<ReplayFlow> = {}) =>
  servers.slice(0, count).map((server, index) => flow(60 * index, server, changes));

/** A mail an hour through one relay. */
const habit = (count: number, changes: Partial<ReplayFlow> = {}) =>
  Array.from({ length: count }, (_, hour) => flow(3600 * hour, '203.0.113.9', { dport: 587, ...changes }));

const nothing = { packets: 0, bytes: 0 };

describe('decisions', () => {
  test('a device that mails through one relay is left alone', () => {
    const device = only(judgeFlows(habit(100)));
    expect(device).toMatchObject({ flows: 100, restrict: null, block: null, slow: null });
    expect(device.score).toBe(0);
    expect(device.messages).toBe(100);
  });

  test('a bot is restricted, then blocked, and what it sent before is counted', () => {
    const device = only(judgeFlows(spread(10)));
    // 3.40 and 3.40 - 0.51 pass 4.6; three are 8.2 to 9.7 with a delivery's -0.51 each.
    expect(device.restrict).toMatchObject({ connection: 2, time_s: 60, leaked: 1 });
    expect(device.block).toMatchObject({ connection: 4, time_s: 180, leaked: 3 });
    expect(device.messages).toBe(10);
  });

  test('nobody answered: the engine says so after ten seconds, and the connection then is the last one', () => {
    const flows = [25, 587, 587, 587].map((dport, index) =>
      flow(2 * index, servers[index] ?? '', { dport: dport as 25, state: 'timeout' }),
    );
    const device = only(judgeFlows(flows));
    // Beside the one on port 25: three times 0.22, and 1.90 each at 12, 14 and 16 s, when 4.60 is passed.
    expect(device.restrict).toMatchObject({ connection: 4, time_s: 16 });
  });

  test('time without mail is jumped over, and evidence fades in it', () => {
    const year = 365 * 86_400;
    const device = only(
      judgeFlows([flow(0, '20.1.1.1'), flow(year, '21.1.1.1'), flow(2 * year, '22.1.1.1')]),
    );
    expect(device).toMatchObject({ restrict: null, block: null });
    expect(device.score).toBeLessThan(3.5);
  });

  test('a session that goes on when it is decided counts for the part that has passed', () => {
    const long = {
      durationS: 1000,
      out: { packets: 7500, bytes: 500_000 },
      back: { packets: 7500, bytes: 400_000 },
    };
    const device = only(
      judgeFlows([flow(0, '20.1.1.1', long), flow(500, '21.1.1.1'), flow(510, '22.1.1.1')]),
    );
    const { leaked = 0 } = device.restrict ?? {};
    expect(leaked).toBeGreaterThan(400);
    expect(leaked).toBeLessThan(600);
    expect(device.messages).toBeGreaterThan(900);
  });

  test('who is blocked at once is restricted at once, too', () => {
    // 3.4 and 6.8 are below 6.9, 10.2 is above 9.2.
    const device = only(
      judgeFlows(spread(3, { state: 'timeout', out: nothing, back: nothing }), { preset: 'relaxed' }),
    );
    expect(device.block).toMatchObject({ connection: 3, time_s: 120 });
    expect(device.restrict).toEqual(device.block);
  });

  test('class and preset are those asked for', () => {
    expect(only(judgeFlows(habit(2), { class: 'computer' }))).toMatchObject({
      class: 'computer',
      class_reason: 'set for its network',
    });
    const flows = [flow(0, '20.1.1.1', { state: 'timeout' }), flow(60, '21.1.1.1', { state: 'timeout' })];
    expect(only(judgeFlows(flows.slice(0, 1), { preset: 'strict', class: 'iot' })).restrict?.connection).toBe(
      1,
    );
    expect(only(judgeFlows(flows.slice(0, 1), { class: 'iot' })).restrict).toBeNull();
    expect(only(judgeFlows(flows, { preset: 'relaxed' })).restrict).toBeNull();
    expect(only(judgeFlows(spread(10), { class: 'mailserver' })).restrict).toBeNull();
  });
});

describe('with enforcement', () => {
  test('what is refused leaks nothing and is seen as attempts: block follows restrict', () => {
    const device = only(judgeFlows(spread(30), { enforce: true }));
    expect(device.restrict).toMatchObject({ connection: 2, leaked: 1 });
    expect(device.block).toMatchObject({ leaked: 1 });
    expect(device.block?.connection).toBeLessThanOrEqual(4);
    expect(device.messages).toBe(1);
    expect(device.refused).toBe(28);
  });

  test('a restricted device goes on with its relay', () => {
    const relay = habit(5);
    const worm = [17_000, 17_060].map((atS, index) => flow(atS, servers[index] ?? '', { state: 'timeout' }));
    const later = [18_000, 18_060].map((atS) => flow(atS, '203.0.113.9', { dport: 587 }));
    const device = only(judgeFlows([...relay, ...worm, ...later], { enforce: true }));
    expect(device.restrict).toMatchObject({ connection: 7 });
    expect(device).toMatchObject({ block: null, refused: 0, messages: 7 });
  });

  test('a live session to a server that is none of its relays is cut where it is', () => {
    const long = {
      durationS: 1000,
      out: { packets: 7500, bytes: 500_000 },
      back: { packets: 7500, bytes: 400_000 },
    };
    const flows = [flow(0, '20.1.1.1', long), flow(500, '21.1.1.1'), flow(510, '22.1.1.1')];
    const device = only(judgeFlows(flows, { enforce: true }));
    expect(device.restrict).toMatchObject({ connection: 2 });
    expect(device.messages).toBe(device.restrict?.leaked);
    expect(device.messages).toBeLessThan(600);
  });

  test('what is known to be a thing reaches port 25 not once, and submission until it is held', () => {
    const device = only(judgeFlows(spread(10), { enforce: true, class: 'iot' }));
    expect(device).toMatchObject({ refused: 10, messages: 0 });
    expect(device.restrict?.leaked).toBe(0);
    const camera = only(judgeFlows(habit(10), { enforce: true, class: 'iot' }));
    expect(camera).toMatchObject({ refused: 0, messages: 10, restrict: null });
  });

  test('a ban ends, and begins again with the next evidence', () => {
    const nights = [0, 1, 2].flatMap((day) =>
      spread(4).map((one, index) => ({
        ...one,
        tsS: one.tsS + 86_400 * day,
        dst: servers[10 * day + index] ?? '',
      })),
    );
    const device = only(judgeFlows(nights, { enforce: true }));
    expect(device.refused).toBeGreaterThan(3);
    expect(device.refused).toBeLessThan(12);
  });
});

describe('who is judged', () => {
  test('a device is its MAC, whatever its addresses', () => {
    const mac = 'ec:71:db:00:11:22';
    const flows = [
      flow(0, '20.1.1.1', { mac }),
      flow(60, '2001:db8:9::25', { mac, src: 'fd00:1:2:3::21' }),
      flow(120, '22.1.1.1', { mac, src: '192.168.1.99' }),
    ];
    expect(only(judgeFlows(flows))).toMatchObject({ device: 'ec71db001122', flows: 3 });
    const apart = judgeFlows([flow(0, '20.1.1.1'), flow(1, '20.1.1.1', { src: '192.168.1.99' })]);
    expect(apart.devices).toHaveLength(2);
  });

  test('a MAC is one device for days, though nobody confirms it', () => {
    const device = only(judgeFlows(habit(24 * 5, { mac: 'ec:71:db:00:11:22' })));
    expect(device).toMatchObject({ device: 'ec71db001122', restrict: null, messages: 120 });
    expect(device.why).toHaveLength(2);
    const days = [0, 2, 4].map((day) => flow(86_400 * day, servers[day] ?? '', { mac: 'ec:71:db:00:11:22' }));
    expect(only(judgeFlows(days)).restrict?.connection).toBe(2);
  });

  test('where there are private sources, they are the home', () => {
    const { devices, home, flows_of_strangers } = judgeFlows([
      flow(0, '20.1.1.1', { src: '198.51.100.1' }),
      flow(1, '20.1.1.1'),
      flow(2, '20.1.1.1', { src: '198.51.100.1' }),
    ]);
    expect(devices.map(({ device }) => device)).toEqual(['192.168.1.21']);
    expect({ home, flows_of_strangers }).toEqual({ home: 'private', flows_of_strangers: 2 });
  });

  test('where there are none, all sources are', () => {
    const { devices, home } = judgeFlows(spread(3, { src: '147.32.84.165' }));
    expect(home).toBe('sources');
    expect(devices[0]).toMatchObject({ device: '147.32.84.165', flows: 3, restrict: { connection: 2 } });
  });

  test('--lan says who is at home, and mail within it is none of ours', () => {
    const { devices, ...rest } = judgeFlows(
      [
        flow(0, '20.1.1.1', { src: '147.32.84.165' }),
        flow(1, '147.32.80.9', { src: '147.32.84.165' }),
        flow(2, '20.1.1.1', { src: '147.32.1.1', replySrc: '147.32.80.9' }),
        flow(3, '20.1.1.1'),
      ],
      { lan: [prefix('147.32.0.0/16')] },
    );
    expect(devices.map(({ device, flows }) => [device, flows])).toEqual([['147.32.84.165', 1]]);
    expect(rest).toMatchObject({ home: 'lan', flows_inside: 2, flows_of_strangers: 1 });
  });

  test('a private relay counts as outside, a hairpin does not', () => {
    const relayed = judgeFlows([flow(0, '192.168.1.1', { src: '192.168.1.103' })]);
    expect(only(relayed).score).toBeGreaterThan(0);
    const back = judgeFlows([flow(0, '203.0.113.7', { replySrc: '192.168.1.5' })]);
    expect(back).toMatchObject({ devices: [], flows_inside: 1 });
  });

  test('more devices than fit: the quietest give way, those that were held stay', () => {
    const evaluator = createEvaluator(plain, data);
    const addressOf = (index: number) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
    for (const one of spread(3, { src: '10.9.9.9' })) evaluator.take(one);
    for (let index = 0; index < mostDevices + 5; index++)
      evaluator.take(flow(200 + 10 * index, '20.1.1.1', { src: addressOf(index) }));
    const { runs, counts } = evaluator.finish();
    expect(runs).toHaveLength(mostDevices);
    expect(counts).toMatchObject({ leftOut: 6, judged: mostDevices + 2 });
    const keys = runs.map(({ key }) => String(key));
    expect(keys).toContain('10.9.9.9');
    expect(keys).not.toContain(addressOf(5));
    expect(keys).toContain(addressOf(6));
  });

  test('nobody gives way whose sessions go on', () => {
    const evaluator = createEvaluator(plain, data);
    for (let index = 0; index < mostDevices + 5; index++)
      evaluator.take(flow(0, '20.1.1.1', { src: `10.1.${index >> 8}.${index & 255}` }));
    const { runs, counts } = evaluator.finish();
    expect(runs).toHaveLength(mostDevices);
    expect(counts.leftOut).toBe(5);
  });
});

describe('logs with gaps', () => {
  test('a flow that was there before is no new connection; its volume counts', () => {
    const device = only(judgeFlows([flow(0, '20.1.1.1', { midway: true }), ...spread(1, { midway: true })]));
    expect(device).toMatchObject({ flows: 2, score: 0, messages: 2 });
    const later = only(
      judgeFlows([flow(0, '20.1.1.1', { midway: true }), flow(1, '21.1.1.1'), flow(2, '22.1.1.1')]),
    );
    expect(later.restrict?.connection).toBe(2);
  });

  test('a flow whose end is not seen has no outcome', () => {
    const device = only(judgeFlows([flow(0, '20.1.1.1', { unfinished: true })]));
    expect(device.why).toHaveLength(1);
    expect(device.messages).toBe(0);
    const silent = { state: 'timeout', unfinished: true, dport: 587 } as const;
    const [short, long] = [3, 30].map((durationS) =>
      only(judgeFlows([flow(0, '20.1.1.1', { ...silent, durationS })])),
    );
    expect(short?.why).toHaveLength(1);
    expect(long?.why).toHaveLength(2);
  });

  test('a log without counters still has silence and refusal', () => {
    const bare = spread(3).map(({ out: _, back: __, ...rest }) => rest);
    expect(only(judgeFlows(bare))).toMatchObject({ restrict: { connection: 2, leaked: 0 }, messages: 0 });
    const dead = bare.map((one) => ({ ...one, dport: 587 as const, state: 'refused' as const }));
    expect(only(judgeFlows(dead)).why.join()).toContain('no answer from');
  });

  test('what comes late is judged at the time it comes', () => {
    const { devices, flows_late } = judgeFlows([flow(100, '20.1.1.1'), flow(50, '21.1.1.1')]);
    expect(flows_late).toBe(1);
    expect(devices[0]).toMatchObject({ flows: 2, restrict: { connection: 2, time_s: 0 } });
  });

  test('a log of nothing says nothing', () => {
    expect(judgeFlows([])).toMatchObject({ schema: 1, devices: [] });
  });
});
