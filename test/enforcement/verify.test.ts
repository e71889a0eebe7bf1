import { expect, test } from 'vitest';
import type { FlowEvent } from '../../daemon/conntrack/flow.ts';
import { flowsStillMoving } from '../../daemon/enforcement/verify.ts';

function row(sport: number, out: number, back: number, more: Partial<FlowEvent> = {}): FlowEvent {
  return {
    kind: 'row',
    family: 4,
    src: '192.0.2.1',
    sport,
    dst: '198.51.100.1',
    dport: 25,
    tcpState: 'ESTABLISHED',
    replied: true,
    assured: true,
    out: { packets: out, bytes: out * 60 },
    back: { packets: back, bytes: back * 60 },
    ...more,
  };
}

test('flows whose packets go both ways, and offloaded ones, still move', () => {
  const before = [row(1, 5, 5), row(2, 5, 5), row(3, 5, 5), row(4, 5, 5)];
  const after = [
    row(1, 9, 9),
    row(2, 9, 5),
    row(3, 5, 5),
    row(4, 5, 5, { offload: 'software' }),
    row(5, 3, 3),
  ];
  const { moving, unknown } = flowsStillMoving(before, after);
  expect(moving.map(({ sport }) => sport)).toEqual([1, 4, 5]);
  expect(unknown).toEqual([]);
});

test('a counter that was zeroed by another program is no rest', () => {
  expect(flowsStillMoving([row(1, 50, 50)], [row(1, 2, 2)]).moving).toHaveLength(1);
});

test('without counters nothing can be said about an established flow', () => {
  const { out: _out, back: _back, ...bare } = row(1, 0, 0);
  expect(flowsStillMoving([bare], [bare])).toEqual({ moving: [], unknown: [bare] });
  expect(flowsStillMoving([], [{ ...bare, tcpState: 'CLOSE' }])).toEqual({ moving: [], unknown: [] });
});
