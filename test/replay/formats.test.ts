import { expect, test } from 'vitest';
import { cellLlr, outcomeLlr } from '../../daemon/detection/table.ts';
import { formatOf } from '../../daemon/replay/formats.ts';
import { fixture, fixtures, judgeFlows, readLog } from './judge-log.ts';

/*
 * fixtures/ holds one and the same two minutes of two devices, written by hand as each program writes it.
 *   .21  0 s  203.0.113.5:25    no answer            M,N
 *       20 s  198.51.100.9:587  too short            S,N, short at 21.5 s
 *       40 s  192.0.2.33:25     one message          M,N: here it is restricted; delivered
 *       60 s  12.40.7.25:25     refused              M,N: here it is blocked
 *   .22  25, 70, 90 s  11.40.7.25:587  a mail each through its own relay; 80 s  13.40.7.25:2525, which never scores
 * and a web page, a DNS question and a ping, which are no mail.
 */
test.each(fixtures)('%s tells of a bot and of a laptop', (name) => {
  const { flows, counts } = readLog(fixture(name));
  expect(counts).toMatchObject({ flows: 8, unreadable: 0, overlong: 0 });
  const { devices, home } = judgeFlows(flows);
  expect(home).toBe('private');
  const [bot, laptop] = devices;
  const cell = (id: 'M,N' | 'S,N') => cellLlr(id, 'unknown');
  const short = outcomeLlr('S', 'N', 'short', 'unknown');
  const delivered = outcomeLlr('M', 'N', 'delivered', 'unknown');
  const score = 3 * cell('M,N') + cell('S,N') + short + delivered;
  expect(bot).toMatchObject({
    device: '192.168.1.21',
    flows: 4,
    restrict: { connection: 3, time_s: 40, leaked: 0 },
    block: { connection: 4, time_s: 60, leaked: 1 },
    messages: 1,
    refused: 0,
  });
  expect(bot?.score).toBeCloseTo(score, 1);
  expect(bot?.why).toHaveLength(6);
  expect(laptop).toMatchObject({
    device: '192.168.1.22',
    flows: 4,
    restrict: null,
    block: null,
    messages: 8,
  });
});

test('every format tells the same of each flow', () => {
  const told = fixtures.map((name) =>
    readLog(fixture(name)).flows.map(({ durationS, ...flow }) => ({
      ...flow,
      // Only silence lasts differently: conntrack waits for two minutes, the others for the last SYN.
      ...(flow.state !== 'timeout' && { durationS: Math.round(durationS * 1000) / 1000 }),
    })),
  );
  for (const [index, flows] of told.entries()) expect(flows, fixtures[index]).toEqual(told.at(-1));
});

test('every format gives the same report', () => {
  const [first, ...others] = fixtures.map((name) => judgeFlows(readLog(fixture(name)).flows));
  for (const other of others) expect(other).toEqual(first);
});

test.each(fixtures)('with --enforce %s leaks nothing', (name) => {
  const [bot, laptop] = judgeFlows(readLog(fixture(name)).flows, { enforce: true }).devices;
  expect(bot).toMatchObject({
    flows: 4,
    refused: 1,
    messages: 0,
    restrict: { connection: 3, leaked: 0 },
    block: { connection: 4, leaked: 0 },
  });
  expect(bot?.why.at(-1)).toContain('refused: new mail server 12.40.7.25:25');
  expect(laptop).toMatchObject({ refused: 0, messages: 8, restrict: null });
});

test('each file is recognised as what it is, with Windows line ends too', () => {
  const titles = fixtures.map((name) => formatOf(fixture(name).split('\n').slice(0, 5))?.title);
  expect(new Set(titles).size).toBe(fixtures.length);
  for (const name of fixtures) {
    const { counts } = readLog(fixture(name).replaceAll('\n', '\r\n'));
    expect(counts).toMatchObject({ flows: 8, unreadable: 0 });
  }
});

test.each([
  ['nothing', []],
  ['words', ['hello', 'world']],
  ['JSON of something else', ['{"a":1}']],
  ['a table of something else', ['a,b,c', '1,2,3']],
  ['a listing without times', ['tcp 6 100 ESTABLISHED src=10.0.0.2 dst=192.0.2.7 sport=1 dport=25 src=1']],
])('%s is no log', (_, lines) => {
  expect(formatOf(lines)).toBeUndefined();
});

test('lines tell their time', () => {
  for (const name of fixtures) {
    const lines = fixture(name).split('\n');
    const format = formatOf(lines);
    expect(
      lines.map((line) => format?.timeOf(line)),
      name,
    ).toContain(1_700_000_000);
    expect(format?.timeOf('')).toBeUndefined();
  }
});
