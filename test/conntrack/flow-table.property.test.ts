import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FlowEvent } from '../../daemon/conntrack/flow.ts';
import {
  applyFlow,
  applyListing,
  emptyFlowTable,
  type FlowTransition,
} from '../../daemon/conntrack/flow-table.ts';
import { eventsOf, flowEvent, logs } from './samples.ts';

const order = ['opened', 'adopted', 'established', 'closing', 'progress', 'closed'];

const event: fc.Arbitrary<FlowEvent> = fc
  .record({
    kind: fc.constantFrom('new', 'update', 'destroy', 'row'),
    sport: fc.integer({ min: 1, max: 4 }),
    id: fc.integer({ min: 1, max: 3 }),
    tcpState: fc.constantFrom('SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'TIME_WAIT', 'CLOSE'),
    assured: fc.boolean(),
    replied: fc.boolean(),
    packets: fc.option(fc.nat(50), { nil: undefined }),
  })
  .map(({ packets, ...rest }) => {
    const counters =
      packets === undefined
        ? {}
        : { out: { packets, bytes: packets * 60 }, back: { packets, bytes: packets * 60 } };
    return flowEvent({ ...rest, ...counters });
  });

/** What a reader may rely on: a life begins once, goes forward, and ends once. */
function checkLives(transitions: readonly FlowTransition[]): void {
  const open = new Map<string, { established: boolean; packets: number }>();
  for (const { type, flow } of transitions) {
    const life = open.get(flow.key);
    const isBirth = type === 'adopted' || (type === 'opened' && life === undefined);
    if (isBirth) {
      expect(life).toBeUndefined();
      open.set(flow.key, { established: false, packets: 0 });
      continue;
    }
    if (!life) throw new Error(`${type} of a flow that is not open`);
    if (type === 'established') {
      expect(life.established).toBe(false);
      life.established = true;
    }
    expect(flow.established || !life.established).toBe(true);
    expect(flow.out?.packets ?? 0).toBeGreaterThanOrEqual(life.packets);
    life.packets = flow.out?.packets ?? life.packets;
    if (type === 'closed') open.delete(flow.key);
  }
}

test('property: every life is told in order, whatever comes', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.nat(60), (events, listedAt) => {
      const table = emptyFlowTable();
      const all: FlowTransition[] = [];
      for (const [index, one] of events.entries()) {
        if (index === listedAt)
          all.push(...applyListing(table, { flows: [], complete: true }, index * 3_000));
        const transitions = applyFlow(table, one, index * 3_000);
        const sorted = transitions.filter(({ lost }) => !lost).map(({ type }) => order.indexOf(type));
        expect(sorted).toEqual([...sorted].sort((a, b) => a - b));
        all.push(...transitions);
        for (const key of table.live.keys()) expect(table.ended.has(key)).toBe(false);
      }
      checkLives(all);
    }),
    { numRuns: 2_000 },
  );
});

test.each(logs)('the flows of %s are all told, each once', (name) => {
  const table = emptyFlowTable();
  table.listed = true;
  const events = eventsOf(name);
  const all = events.flatMap((one, index) => applyFlow(table, one, index));
  const count = (kind: FlowEvent['kind']) => events.filter((one) => one.kind === kind).length;
  expect(all.filter(({ type }) => type === 'opened')).toHaveLength(new Set(events.map(({ id }) => id)).size);
  expect(all.filter(({ type }) => type === 'closed')).toHaveLength(count('destroy'));
  expect(all.some(({ lost }) => lost)).toBe(false);
  // One flow of the recording `messages` is older than it: only its DESTROY is there.
  const late = new Set(all.filter(({ flow }) => flow.late).map(({ flow }) => flow.key));
  expect(late.size).toBe(name.endsWith('messages') ? 1 : 0);
});
