import { expect, test } from 'vitest';
import type { ReplayFlow } from '../../daemon/replay/replay-flow.ts';
import { rules } from './peers/rules.ts';

interface Connection {
  readonly atS: number;
  readonly host?: number;
  readonly dport?: 25 | 465 | 587 | 2525;
  readonly state?: ReplayFlow['state'];
}

const flow = ({ atS, host = 1, dport = 25, state = 'established' }: Connection): ReplayFlow => ({
  tsS: atS,
  src: '192.168.1.50',
  dst: `203.0.113.${host}`,
  sport: 40_000,
  dport,
  state,
  durationS: 2,
  out: { packets: 15, bytes: 3_000 },
  back: { packets: 12, bytes: 1_200 },
});

/** At which connection the rule fires. */
function fires(name: string, connections: readonly Connection[]): number | undefined {
  const rule = rules.find((one) => one.name === name);
  if (!rule) throw new Error(name);
  return rule.firstFiring(connections.map(flow))?.connection;
}

const every = (seconds: number, count: number, rest: Omit<Connection, 'atS'> = {}) =>
  Array.from({ length: count }, (_, index) => ({ atS: index * seconds, ...rest }));

test.each([5, 10, 20, 60])(
  'more than %i an hour: at the next one, and not where the hour is over',
  (limit) => {
    const name = `fixed_${limit}_per_hour`;
    expect(fires(name, every(1, limit))).toBeUndefined();
    expect(fires(name, every(1, limit + 1))).toBe(limit + 1);
    expect(fires(name, every(3600 / limit, 10 * limit))).toBeUndefined();
  },
);

test('any port 25: the first, whatever came before', () => {
  expect(
    fires('any_port_25', [
      { atS: 0, dport: 587 },
      { atS: 9, dport: 25 },
    ]),
  ).toBe(2);
  expect(fires('any_port_25', every(1, 99, { dport: 587 }))).toBeUndefined();
});

test('TRW: four failures in a row suffice, since 4^4 = 256 is above 99 and 4^3 = 64 is not', () => {
  const failures = (count: number) =>
    Array.from({ length: count }, (_, host) => ({ atS: host, host, state: 'timeout' as const }));
  expect(fires('trw', failures(3))).toBeUndefined();
  expect(fires('trw', failures(9))).toBe(4);
});

test('TRW: a first contact counts once, and four successes clear for good', () => {
  expect(fires('trw', every(1, 50, { state: 'refused' }))).toBeUndefined();
  const cleared = [1, 2, 3, 4].map((host) => ({ atS: host, host }));
  const later = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14].map((host) => ({
    atS: host,
    host,
    state: 'refused' as const,
  }));
  expect(fires('trw', [...cleared, ...later])).toBeUndefined();
});

test('2002087: the tenth mail within 60 s, in clear on port 25', () => {
  expect(fires('et_2002087', every(6, 10))).toBe(10);
  expect(fires('et_2002087', every(7, 30))).toBeUndefined();
  expect(fires('et_2002087', every(1, 30, { dport: 587 }))).toBeUndefined();
  expect(fires('et_2002087', every(1, 30, { state: 'timeout' }))).toBeUndefined();
});

test('20 in 60 s: the next one', () => {
  expect(fires('twenty_in_60_s', every(1, 20))).toBeUndefined();
  expect(fires('twenty_in_60_s', every(1, 21))).toBe(21);
  expect(fires('twenty_in_60_s', every(3, 90))).toBeUndefined();
});

test('ten servers in 300 s: the eleventh', () => {
  const servers = (seconds: number) =>
    Array.from({ length: 30 }, (_, host) => ({ atS: host * seconds, host }));
  expect(fires('ten_servers_in_300_s', servers(1))).toBe(11);
  expect(fires('ten_servers_in_300_s', servers(30))).toBeUndefined();
  expect(fires('ten_servers_in_300_s', every(1, 99))).toBeUndefined();
});
