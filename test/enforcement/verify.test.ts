import { describe, expect, test } from 'vitest';
import { type DeviceKey, keyOfMac } from '../../daemon/address/device-key.ts';
import { type Mac, parseMac } from '../../daemon/address/mac.ts';
import type { FlowEvent } from '../../daemon/conntrack/flow.ts';
import { flowsStillMoving, leakCauseOf, takersOf } from '../../daemon/enforcement/verify.ts';

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
  expect(flowsStillMoving(before, after).map(({ sport }) => sport)).toEqual([1, 4, 5]);
});

test('a counter that was zeroed by another program is no rest', () => {
  expect(flowsStillMoving([row(1, 50, 50)], [row(1, 2, 2)])).toHaveLength(1);
});

test('an established flow without counters cannot be told from one that moves; a closed one can', () => {
  const { out: _out, back: _back, ...bare } = row(1, 0, 0);
  expect(flowsStillMoving([bare], [bare])).toEqual([bare]);
  expect(flowsStillMoving([], [{ ...bare, tcpState: 'CLOSE' }])).toEqual([]);
});

describe('why a flow goes on', () => {
  const mac = parseMac('a4:c3:f0:5e:10:03') as Mac;
  const another = parseMac('a4:c3:f0:5e:10:09') as Mac;
  const device = keyOfMac(mac);
  const hits = (packets: number) => [{ key: device, hold: 'blocked' as const, packets }];

  test.each([
    ['offload', [row(1, 5, 5), row(2, 5, 5, { offload: 'hardware' })], hits(0)],
    ['path', [row(1, 5, 5)], hits(0)],
    ['path', [row(1, 5, 5)], [{ ...hits(3)[0], key: keyOfMac(another), hold: 'blocked', packets: 3 }]],
    ['rules', [row(1, 5, 5)], hits(3)],
  ] as const)('%s', (cause, moving, counted) => {
    expect(leakCauseOf(device, moving, counted)).toEqual({ cause });
  });

  const own = { address: '192.0.2.1', mac, interface: 'br-lan', fresh: true };
  const taker = { ...own, mac: another };
  test.each([
    ['another MAC that answers', [taker], [taker]],
    ['another and the own one, stale', [{ ...own, fresh: false }, taker], [taker]],
    ['the own one beside another', [own, taker], []],
    ['another one, merely remembered', [{ ...taker, fresh: false }], []],
  ] as const)('who has its address: %s', (_, neighbours, expected) => {
    expect(takersOf(device, neighbours)).toEqual(expected);
    expect(takersOf('192.0.2.1' as DeviceKey, neighbours)).toEqual([]);
  });
});
