import { expect, test } from 'vitest';
import {
  beginning,
  ending,
  handshake,
  messagesIn,
  newSession,
  passedAt,
} from '../../daemon/replay/session.ts';
import { flow } from './judge-log.ts';

const session = newSession(flow(0, '203.0.113.5', { durationS: 10 }), 7, 1000);

test('a flow begins, is established and ends as conntrack would tell it', () => {
  expect(beginning(session)).toMatchObject({
    kind: 'new',
    id: 7,
    family: 4,
    tcpState: 'SYN_SENT',
    assured: false,
  });
  expect(handshake(session)).toMatchObject({ kind: 'update', replied: true, assured: true });
  expect(ending(session, 1)).toMatchObject({
    kind: 'destroy',
    out: { packets: 25, bytes: 3600 },
    assured: true,
  });
  const refused = newSession(flow(0, '203.0.113.5', { state: 'refused' }), 8, 0);
  expect(ending(refused, 1)).toMatchObject({ tcpState: 'CLOSE', assured: false, back: { packets: 1 } });
  const midway = newSession(flow(0, '203.0.113.5', { midway: true }), 9, 0);
  expect(beginning(midway)).toMatchObject({ kind: 'new', tcpState: 'ESTABLISHED' });
});

test('of a session that is cut, that part counts which has passed', () => {
  expect([0, 1000, 3500, 11_000, 20_000].map((nowMs) => passedAt(session, nowMs))).toEqual([
    0, 0, 0.25, 1, 1,
  ]);
  expect(ending(session, 0.25)).toMatchObject({
    out: { packets: 6, bytes: 900 },
    back: { packets: 5, bytes: 600 },
  });
  const loud = newSession(flow(0, '203.0.113.5', { out: { packets: 7510, bytes: 50_000 } }), 1, 0);
  expect(messagesIn(loud, 1)).toBeGreaterThan(900);
  expect(messagesIn(loud, 0.5)).toBe(Math.floor(messagesIn(loud, 1) / 2));
});

test('the bytes of IPv6 headers carry no messages', () => {
  const counters = { out: { packets: 25, bytes: 3600 }, back: { packets: 23, bytes: 2400 } };
  const wide = { out: { packets: 25, bytes: 4100 }, back: { packets: 23, bytes: 2860 } };
  const four = newSession(flow(0, '203.0.113.5', counters), 1, 0);
  const six = newSession(flow(0, '2001:db8:1::5', { src: 'fd00:1::2', ...wide }), 2, 0);
  expect(messagesIn(six, 1)).toBe(messagesIn(four, 1));
});
