import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeviceKey } from '../../daemon/address/device-key.ts';
import type { MailPort } from '../../daemon/conntrack/flow.ts';
import { decodeHistory } from '../../daemon/history/decode.ts';
import { endOf } from '../../daemon/history/device-rows.ts';
import { encodeHistory, maxFileBytes } from '../../daemon/history/encode.ts';
import { History, maxDevices, serversPerMinute, strangersKey } from '../../daemon/history/history.ts';
import { maxRows } from '../../daemon/history/row-pool.ts';
import type { Seen } from '../../daemon/history/seen.ts';
import { spokenAddress } from '../../daemon/history/short-address.ts';
import { Timeline } from '../../daemon/history/timeline.ts';

const startMs = Date.UTC(2026, 10, 1);
const minuteMs = 60_000;
const dayMs = 86_400_000;
const key = (index: number) => index.toString(16).padStart(12, '0') as DeviceKey;
const address = (index: number) => `${11 + (index >>> 16)}.${(index >>> 8) & 255}.${index & 255}.25`;
const at = (ms: number) => ({ nowMs: ms, wallMs: startMs + ms });
const fresh = () => new History(new Timeline(at(0)));
const deviceOf = (history: History, one: DeviceKey) => {
  const device = history.devices.get(one);
  if (!device) throw new Error(`no rows of ${one}`);
  return device;
};
const rowsOf = (history: History, one: DeviceKey) => history.rowsOf(deviceOf(history, one));
const total = (history: History) =>
  [...history.devices.values()]
    .flatMap((device) => [device.gone, ...history.rowsOf(device).map((row) => row.connections + row.refused)])
    .reduce((sum, count) => sum + count, 0);

/** What a list of everything that was seen says of each minute. */
function truthOf(all: readonly { readonly seen: Seen; readonly ms: number }[]) {
  const truth = new Map<
    string,
    { connections: number; delivered: number; messages: number; refused: number }
  >();
  for (const { seen, ms } of all) {
    const id = `${seen.key} ${Math.floor((startMs + ms) / minuteMs)} ${seen.port} ${seen.address}`;
    const sum = truth.get(id) ?? { connections: 0, delivered: 0, messages: 0, refused: 0 };
    for (const name of ['connections', 'delivered', 'messages', 'refused'] as const)
      sum[name] += seen[name] ?? 0;
    truth.set(id, sum);
  }
  return truth;
}

function found(history: History) {
  const rows = [...history.devices.values()].flatMap((device) =>
    history
      .rowsOf(device)
      .map(({ minute, port, address: server, connections, delivered, messages, refused }) => {
        const text = server ? spokenAddress(server) : 'several';
        return [
          `${device.key} ${minute} ${port} ${text}`,
          { connections, delivered, messages, refused },
        ] as const;
      }),
  );
  return new Map(rows);
}

const seenThings = fc.array(
  fc.record({
    seen: fc.record({
      key: fc.integer({ min: 1, max: 5 }).map(key),
      address: fc.integer({ min: 0, max: 9 }).map(address),
      port: fc.constantFrom<MailPort>(25, 465, 587, 2525),
      connections: fc.nat(3),
      delivered: fc.nat(2),
      messages: fc.nat(4),
      refused: fc.nat(3),
    }),
    ms: fc.nat(3 * dayMs),
  }),
  { maxLength: 200 },
);

describe('the history', () => {
  test('says of every minute what a list of everything says, also after it was written and read', () => {
    fc.assert(
      fc.property(seenThings, (things) => {
        const all = things.toSorted((a, b) => a.ms - b.ms);
        const history = fresh();
        for (const { seen, ms } of all) history.note(seen, at(ms));
        expect(found(history)).toEqual(truthOf(all));
        const again = decodeHistory(encodeHistory(history, 'x'), at(3 * dayMs));
        expect(again?.extra).toBe('x');
        expect(again && found(again.history)).toEqual(truthOf(all));
      }),
    );
  });

  test('keeps 30 days', () => {
    const history = fresh();
    const seen: Seen = { key: key(1), address: address(1), port: 25, connections: 1 };
    for (let day = 0; day < 60; day++) {
      history.note(seen, at(day * dayMs));
      history.sweep();
    }
    expect(rowsOf(history, key(1))).toHaveLength(31);
    expect(history.pool.used).toBe(31);
  });

  test('a flood of a million connections costs nobody else a minute, and stays within its bound', () => {
    const history = fresh();
    const camera = { key: key(1), address: address(1), port: 587, connections: 1 } as const;
    for (let ms = 0; ms < 60 * 55 * minuteMs; ms += 55 * minuteMs) history.note(camera, at(ms));
    const before = rowsOf(history, key(1));
    const sinceMs = 60 * 60 * minuteMs;
    for (let index = 0; index < 1_000_000; index++)
      history.note(
        { key: key(2), address: address(index), port: 25, connections: 1 },
        at(sinceMs + index * 90),
      );
    expect(rowsOf(history, key(1))).toEqual(before);
    expect(history.pool.used).toBeLessThanOrEqual(maxRows);
    expect(history.pool.bytes).toBeLessThan(1_000_000);
    expect(total(history)).toBe(1_000_000 + 60);
    expect(encodeHistory(history, '').length).toBeLessThanOrEqual(maxFileBytes);
  });

  test('in one minute so many servers of a device are told apart, and the rest is counted', () => {
    const history = fresh();
    for (let index = 0; index < 1000; index++)
      history.note(
        { key: key(2), address: address(index), port: index % 2 ? 25 : 465, connections: 1 },
        at(index),
      );
    const rows = rowsOf(history, key(2));
    expect(rows.filter((row) => row.address)).toHaveLength(serversPerMinute);
    expect(rows).toHaveLength(serversPerMinute + 2);
    expect(total(history)).toBe(1000);
  });

  test('ten thousand invented devices push out each other', () => {
    const history = fresh();
    for (let index = 1; index <= 14; index++) {
      for (let hour = 0; hour < 48; hour += index) {
        const wall = at(hour * 60 * minuteMs + index);
        history.note(
          { key: key(index), address: address(index), port: 587, connections: 1, delivered: 1 },
          wall,
        );
      }
    }
    const before = Array.from({ length: 14 }, (_, index) => rowsOf(history, key(index + 1)));
    const noted = total(history);
    for (let index = 0; index < 10_000; index++) {
      const seen: Seen = {
        key: key(100_000 + index),
        address: address(index),
        port: 25,
        connections: 1,
        delivered: 1,
      };
      history.note(seen, at(3 * dayMs + index * 100));
    }
    expect(Array.from({ length: 14 }, (_, index) => rowsOf(history, key(index + 1)))).toEqual(before);
    expect(history.devices.size).toBeLessThanOrEqual(maxDevices + 1);
    expect(total(history)).toBe(noted + 10_000);
    expect(rowsOf(history, strangersKey).length).toBeLessThan(10);
  });

  test('full of large devices, each small one keeps its minutes, and every connection is counted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 60 }), (large, small) => {
        const history = fresh();
        let noted = 0;
        for (let index = 0; index < small; index++, noted++)
          history.note({ key: key(1), address: address(1), port: 25, connections: 1 }, at(index * minuteMs));
        const before = rowsOf(history, key(1));
        for (let step = 0; step < 60_000; step++, noted++) {
          const seen: Seen = {
            key: key(2 + (step % large)),
            address: address(step),
            port: 25,
            connections: 1,
          };
          history.note(seen, at(dayMs + step * 2000));
        }
        expect(rowsOf(history, key(1))).toEqual(before);
        expect(total(history)).toBe(noted);
        expect(history.pool.used).toBeLessThanOrEqual(maxRows);
      }),
      { numRuns: 5 },
    );
  });

  test('what cannot be condensed any more goes, the oldest first, and is counted', () => {
    const history = fresh();
    history.note({ key: key(1), address: address(1), port: 25, connections: 1 }, at(0));
    const device = deviceOf(history, key(1));
    const counts = { connections: 5, delivered: 0, messages: 0, refused: 2 };
    for (let day = 1; day <= 20; day++)
      history.restore(device, {
        minute: (startMs + day * dayMs) / minuteMs,
        tier: 2,
        port: 25,
        address: undefined,
        ...counts,
      });
    for (let turn = 0; turn < 4; turn++) history.shrink();
    expect(device.rows).toBeLessThan(19);
    expect(device.gone).toBeGreaterThan(0);
    expect(total(history)).toBe(1 + 20 * 7);
    const oldest = Math.min(...rowsOf(history, key(1)).map(({ minute }) => minute));
    expect(device.goneTo).toBeLessThanOrEqual(oldest);
  });

  test('condensed rows still say between what times it was', () => {
    const history = fresh();
    for (let index = 0; index < 40_000; index++)
      history.note({ key: key(1), address: address(index), port: 25, connections: 1 }, at(index * minuteMs));
    const rows = rowsOf(history, key(1));
    for (let minute = 0; minute < 40_000; minute += 997) {
      const absolute = startMs / minuteMs + minute;
      expect(rows.some((row) => row.minute <= absolute && absolute < endOf(row))).toBe(true);
    }
    expect(total(history)).toBe(40_000);
  });
});

describe('the clock', () => {
  const seen: Seen = { key: key(1), address: address(1), port: 25, connections: 1 };

  test('unset at boot: what was seen gets its place when the clock is set', () => {
    const history = new History(new Timeline({ nowMs: 0, wallMs: 40_000 }));
    history.note(seen, { nowMs: 10_000, wallMs: 50_000 });
    history.tick({ nowMs: 5 * 3_600_000, wallMs: startMs });
    // To the minute: the clock was set within one.
    const [row] = rowsOf(history, key(1));
    expect(Math.abs((row?.minute ?? 0) - (startMs - 5 * 3_600_000 + 10_000) / minuteMs)).toBeLessThan(2);
  });

  test('behind at boot, as where it begins with the time of the newest file: moved too', () => {
    const history = new History(new Timeline({ nowMs: 0, wallMs: startMs - 3 * dayMs }));
    history.note(seen, { nowMs: 60_000, wallMs: startMs - 3 * dayMs + 60_000 });
    history.note(seen, { nowMs: 120_000, wallMs: startMs + 120_000 });
    expect(rowsOf(history, key(1)).map(({ minute }) => minute - startMs / minuteMs)).toEqual([1, 2]);
  });

  test('never set in a run: it is counted, and told to have no time', () => {
    const history = new History(new Timeline({ nowMs: 0, wallMs: 0 }));
    history.note(seen, { nowMs: 10_000, wallMs: 10_000 });
    const again = decodeHistory(encodeHistory(history, ''), at(0));
    expect(again?.history.unplaced).toBe(1);
    expect(again?.history.devices.size).toBe(0);
  });

  test('set later by somebody: what was noted stays, and the jump is remembered', () => {
    const history = fresh();
    history.note(seen, at(0));
    history.note(seen, at(5 * 3_600_000));
    history.tick({ nowMs: 5 * 3_600_000 + 1000, wallMs: startMs + 9 * 3_600_000 });
    expect(rowsOf(history, key(1)).map(({ minute }) => minute * minuteMs - startMs)).toEqual([
      0,
      5 * 3_600_000,
    ]);
    expect(history.timeline.jumps).toEqual([{ at: (startMs + 9 * 3_600_000) / minuteMs, by: 240 }]);
  });

  test('runs are joined over a restart and told apart over a gap', () => {
    const history = fresh();
    history.note(seen, at(0));
    history.tick(at(dayMs));
    const restarted = decodeHistory(encodeHistory(history, ''), at(dayMs + minuteMs));
    expect(restarted?.history.timeline.runs).toEqual([
      { from: startMs / minuteMs, to: (startMs + dayMs) / minuteMs + 2 },
    ]);
    const later = decodeHistory(encodeHistory(history, ''), at(2 * dayMs));
    expect(later?.history.timeline.runs).toHaveLength(2);
  });
});
