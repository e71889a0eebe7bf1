import { expect, test } from 'vitest';
import type { FlowEvent } from '../../daemon/conntrack/flow.ts';
import {
  applyFlow,
  applyListing,
  emptyFlowTable,
  type FlowTransition,
  mostFlows,
  type Sight,
  timedOut,
} from '../../daemon/conntrack/flow-table.ts';
import { flowEvent } from './samples.ts';

const types = (transitions: readonly FlowTransition[]) =>
  transitions.map(({ type, lost }) => (lost ? `${type} lost` : type));
const counted = (packets: number, bytes: number): Partial<FlowEvent> => ({
  out: { packets, bytes },
  back: { packets, bytes },
});

const sight = (updates: boolean, changes: Partial<Sight> = {}): Sight => ({
  updates,
  lostMs: Number.NEGATIVE_INFINITY,
  untilMs: Number.POSITIVE_INFINITY,
  ...changes,
});

/** A table whose first listing is done, so that what is new is new. */
function started() {
  const table = emptyFlowTable();
  applyListing(table, { flows: [], complete: true }, 0);
  return table;
}

test('a whole session with update events', () => {
  const table = started();
  const seen = (['SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'LAST_ACK', 'TIME_WAIT'] as const).map(
    (tcpState, index) =>
      types(
        applyFlow(
          table,
          flowEvent({ kind: index === 0 ? 'new' : 'update', tcpState, assured: index > 1 }),
          index,
        ),
      ),
  );
  expect(seen).toEqual([['opened'], [], ['established'], ['closing'], [], []]);
  const end = flowEvent({ kind: 'destroy', tcpState: 'TIME_WAIT', assured: true, ...counted(13, 4168) });
  const [closed, ...more] = applyFlow(table, end, 9);
  expect(more).toEqual([]);
  expect(closed).toMatchObject({
    type: 'closed',
    flow: { established: true, late: false, out: { packets: 13, bytes: 4168 } },
  });
  expect(table.live.size + table.ended.size).toBe(0);
});

test('a session of NEW and DESTROY alone is established and closed at its end', () => {
  const table = started();
  expect(types(applyFlow(table, flowEvent(), 1))).toEqual(['opened']);
  const end = flowEvent({ kind: 'destroy', assured: true, ...counted(20, 2000) });
  expect(types(applyFlow(table, end, 2))).toEqual(['established', 'closed']);
});

test('a refused connection never was established', () => {
  const table = started();
  applyFlow(table, flowEvent(), 1);
  const [closed] = applyFlow(
    table,
    flowEvent({ kind: 'destroy', tcpState: 'CLOSE', replied: false, ...counted(1, 60) }),
    2,
  );
  expect(closed).toMatchObject({ type: 'closed', flow: { established: false, replied: false } });
});

test('what the first listing finds is adopted; what a later one finds was missed', () => {
  const table = emptyFlowTable();
  const row = flowEvent({ kind: 'row', tcpState: 'ESTABLISHED', assured: true, ...counted(5, 500) });
  const first = applyListing(table, { flows: [row], complete: true }, 1);
  expect(types(first)).toEqual(['adopted', 'established', 'progress']);
  expect(first[0]?.flow).toMatchObject({ adopted: true, late: false });
  const second = applyListing(table, { flows: [row, { ...row, sport: 9, id: 2 }], complete: true }, 2);
  expect(types(second)).toEqual(['opened', 'established', 'progress']);
  expect(second[0]?.flow).toMatchObject({ adopted: false, late: true, sport: 9 });
});

test('a flow that was listed before its NEW was read is new all the same', () => {
  const table = emptyFlowTable();
  applyListing(
    table,
    { flows: [flowEvent({ kind: 'row', tcpState: 'SYN_SENT', replied: false })], complete: true },
    1,
  );
  expect(types(applyFlow(table, flowEvent(), 2))).toEqual(['opened']);
  expect(types(applyFlow(table, flowEvent(), 3))).toEqual([]);
});

test('a flow that lived and died in a gap is told by its DESTROY alone', () => {
  const table = started();
  const transitions = applyFlow(
    table,
    flowEvent({ kind: 'destroy', assured: true, ...counted(20, 2000) }),
    1,
  );
  expect(types(transitions)).toEqual(['opened', 'established', 'closed']);
  expect(transitions[0]?.flow.late).toBe(true);
});

test('final counters read by a listing close the flow; its DESTROY two minutes later is no news', () => {
  const table = started();
  applyFlow(table, flowEvent(), 0);
  applyFlow(table, flowEvent({ kind: 'update', tcpState: 'ESTABLISHED', assured: true }), 1);
  const row = flowEvent({ kind: 'row', tcpState: 'TIME_WAIT', assured: true, ...counted(13, 1374) });
  expect(types(applyFlow(table, row, 2))).toEqual(['closed']);
  for (let nowMs = 10_000; nowMs < 120_000; nowMs += 10_000) {
    expect(applyListing(table, { flows: [row], complete: true }, nowMs)).toEqual([]);
  }
  expect(applyFlow(table, { ...row, kind: 'destroy' }, 122_000)).toEqual([]);
  expect(table.ended.size).toBe(0);
});

test('a session that conntrack picks up in the middle is no new connection, and a stray packet no handshake', () => {
  const table = started();
  const picked = flowEvent({ tcpState: 'ESTABLISHED', replied: false });
  expect(types(applyFlow(table, picked, 0))).toEqual(['adopted']);
  expect(types(applyFlow(table, { ...picked, kind: 'update' }, 1))).toEqual([]);
  expect(types(applyFlow(table, { ...picked, kind: 'update', assured: true }, 2))).toEqual(['established']);
  expect(timedOut(table, 60_000, sight(true))).toEqual([]);
});

test('a half-closed flow is not at its end', () => {
  const table = started();
  applyFlow(table, flowEvent(), 0);
  const row = flowEvent({ kind: 'row', tcpState: 'FIN_WAIT', assured: true, ...counted(13, 1374) });
  expect(types(applyFlow(table, row, 2))).toEqual(['established', 'closing', 'progress']);
});

test('a flow that a complete listing lacks has ended unseen, unless it is too young to be in it', () => {
  const table = started();
  applyFlow(table, flowEvent(), 0);
  const nothing = { flows: [], complete: true };
  expect(applyListing(table, nothing, 5_000)).toEqual([]);
  expect(applyListing(table, { ...nothing, complete: false }, 20_000)).toEqual([]);
  expect(applyListing(table, nothing, 20_000, [587])).toEqual([]);
  expect(types(applyListing(table, nothing, 20_000, [25]))).toEqual(['closed lost']);
  expect(applyListing(table, nothing, 40_000)).toEqual([]);
});

test('a tuple that is used again is another flow', () => {
  const table = started();
  applyFlow(table, flowEvent({ id: 1 }), 0);
  expect(types(applyFlow(table, flowEvent({ id: 2 }), 1))).toEqual(['closed lost', 'opened']);
  expect(applyFlow(table, flowEvent({ kind: 'update', id: 2, tcpState: 'SYN_RECV' }), 2)).toEqual([]);
  expect(table.live.size).toBe(1);
});

test('counters that somebody zeroed go on from where they were', () => {
  const table = started();
  applyFlow(table, flowEvent(), 0);
  const totals = [100, 150, 20, 30].map((packets, index) => {
    const row = flowEvent({
      kind: 'row',
      tcpState: 'ESTABLISHED',
      assured: true,
      ...counted(packets, packets * 10),
    });
    return applyFlow(table, row, index).at(-1)?.flow.out;
  });
  expect(totals.map((out) => out?.packets)).toEqual([100, 150, 170, 180]);
  expect(totals.at(-1)?.bytes).toBe(1_800);
});

test('rows that count nothing new are no progress', () => {
  const table = started();
  const row = flowEvent({ kind: 'row', tcpState: 'ESTABLISHED', assured: true, ...counted(10, 1000) });
  applyFlow(table, row, 0);
  expect(applyFlow(table, row, 10)).toEqual([]);
});

test('nobody answers for 10 s: told once, and not for answered or adopted flows', () => {
  const table = emptyFlowTable();
  const silentRow = flowEvent({ kind: 'row', sport: 1, id: 1, replied: false });
  applyListing(table, { flows: [silentRow], complete: true }, 0);
  applyFlow(table, flowEvent({ sport: 2, id: 2 }), 0);
  applyFlow(table, flowEvent({ sport: 3, id: 3 }), 0);
  applyFlow(table, flowEvent({ kind: 'update', sport: 3, id: 3, tcpState: 'SYN_RECV' }), 5);
  expect(timedOut(table, 9_999, sight(true))).toEqual([]);
  expect(timedOut(table, 10_000, sight(true)).map((flow) => flow.sport)).toEqual([2]);
  applyFlow(table, flowEvent({ kind: 'row', sport: 2, id: 2, replied: false }), 11_000);
  expect(timedOut(table, 20_000, sight(true))).toEqual([]);
  const [closed] = applyFlow(table, flowEvent({ kind: 'destroy', sport: 2, id: 2, replied: false }), 120_000);
  expect(closed?.flow.silent).toBe(true);
});

test('without update events only a late row proves the silence', () => {
  const table = started();
  applyFlow(table, flowEvent(), 0);
  expect(timedOut(table, 30_000, sight(false))).toEqual([]);
  applyFlow(table, flowEvent({ kind: 'row', replied: false }), 5_000);
  expect(timedOut(table, 30_000, sight(false))).toEqual([]);
  applyFlow(table, flowEvent({ kind: 'row', replied: false }), 31_000);
  expect(timedOut(table, 31_000, sight(false))).toHaveLength(1);
});

test('what may have been answered in a gap, or lacks its answer like everybody, is not called unanswered', () => {
  const table = started();
  for (const sport of [1, 2]) applyFlow(table, flowEvent({ sport, id: sport }), 0);
  expect(timedOut(table, 10_000, sight(true, { lostMs: 9_500 }))).toEqual([]);
  // A row after the gap settles it.
  applyFlow(table, flowEvent({ kind: 'row', sport: 1, id: 1, replied: false }), 10_500);
  applyFlow(table, flowEvent({ kind: 'row', sport: 2, id: 2, tcpState: 'ESTABLISHED' }), 10_500);
  expect(timedOut(table, 11_000, sight(true, { lostMs: 9_500, untilMs: -1 }))).toEqual([]);
  expect(timedOut(table, 11_000, sight(true, { lostMs: 9_500 })).map(({ sport }) => sport)).toEqual([1]);
});

test('the row of a flow that ended while it was listed is no new connection', () => {
  const table = started();
  applyFlow(table, flowEvent({ id: 7 }), 1);
  applyFlow(table, flowEvent({ kind: 'destroy', tcpState: 'CLOSE', id: 7 }), 1_000);
  const listed = (id: number, atMs: number) =>
    types(applyListing(table, { flows: [flowEvent({ kind: 'row', id })], complete: true }, atMs));
  expect(listed(7, 1_100)).toEqual([]);
  expect(table.live.size).toBe(0);
  // Another entry with the same tuple is one, and so is what a listing shows much later.
  expect(listed(8, 1_200)).toEqual(['opened']);
  applyFlow(table, flowEvent({ kind: 'destroy', tcpState: 'CLOSE', id: 8 }), 2_000);
  expect(listed(8, 17_000)).toEqual(['opened']);
});

test('the ends that are remembered are bounded', () => {
  const table = started();
  for (let sport = 1; sport <= 3_000; sport++)
    applyFlow(table, flowEvent({ kind: 'destroy', sport, id: sport }), 1);
  expect(table.gone.size).toBe(1_024);
  applyFlow(table, flowEvent({ kind: 'destroy', sport: 1, id: 1 }), 20_000);
  expect(table.gone.size).toBe(1);
});

test('a full table lets the ended go first, then the oldest', () => {
  const table = started();
  const at = (sport: number) => ({ sport, id: sport });
  for (let sport = 1; sport <= mostFlows; sport++) applyFlow(table, flowEvent(at(sport)), sport);
  applyFlow(table, flowEvent({ kind: 'row', tcpState: 'CLOSE', ...counted(3, 300), ...at(7) }), 5_000);
  expect([table.live.size, table.ended.size, table.dropped]).toEqual([mostFlows - 1, 1, 0]);
  applyFlow(table, flowEvent(at(50_000)), 5_001);
  expect([table.live.size, table.ended.size, table.dropped]).toEqual([mostFlows, 0, 1]);
  applyFlow(table, flowEvent(at(50_001)), 5_002);
  expect([table.live.size, table.ended.size, table.dropped]).toEqual([mostFlows, 0, 2]);
  expect(table.live.has('192.168.7.20 1 198.51.100.25 25')).toBe(false);
  expect(table.live.has('192.168.7.20 2 198.51.100.25 25')).toBe(true);
});
