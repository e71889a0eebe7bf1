import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWriteGate, writeLimits } from '../../daemon/engine/write-gate.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Asks and takes every `everyMs` for so long; the times of the writes. */
function busy(urgent: boolean, everyMs: number, forMs: number): number[] {
  const gate = createWriteGate();
  const writes: number[] = [];
  for (let nowMs = 0; nowMs <= forMs; nowMs += everyMs) {
    gate.ask(urgent);
    if (gate.take(nowMs)) writes.push(nowMs);
  }
  return writes;
}

/** The same of a daemon that crashes after each write and is started again. */
function crashing(urgent: boolean, everyMs: number, forMs: number): number[] {
  const writes: number[] = [];
  let saved: { readonly left: number; readonly atMs: number } | undefined;
  for (let nowMs = 0; nowMs <= forMs; nowMs += everyMs) {
    const gate = createWriteGate();
    if (saved) gate.resume(saved.left, nowMs - saved.atMs);
    gate.ask(urgent);
    if (!gate.take(nowMs)) continue;
    writes.push(nowMs);
    saved = { left: gate.left(), atMs: nowMs };
  }
  return writes;
}

describe('write gate', () => {
  it('writes nothing that nobody asked for, and each change once', () => {
    const gate = createWriteGate();
    expect(gate.take(0)).toBe(false);
    gate.ask(false);
    gate.ask(false);
    expect(gate.take(2)).toBe(true);
    expect(gate.take(10 * minuteMs)).toBe(false);
  });

  it('waits a minute between writes, and 5 s before an urgent one', () => {
    const gate = createWriteGate();
    gate.ask(false);
    expect(gate.take(0)).toBe(true);
    gate.ask(false);
    expect(gate.take(minuteMs - 1)).toBe(false);
    expect(gate.take(minuteMs)).toBe(true);
    gate.ask(false);
    gate.ask(true);
    expect(gate.take(minuteMs + 4999)).toBe(false);
    expect(gate.take(minuteMs + 5000)).toBe(true);
  });

  it('lets what failed wait again, at the slow pace', () => {
    const gate = createWriteGate();
    gate.ask(true);
    expect(gate.take(0)).toBe(true);
    gate.failed();
    expect(gate.take(5000)).toBe(false);
    expect(gate.take(minuteMs)).toBe(true);
  });

  it('goes on every half hour where something always changes, and keeps writes for bans', () => {
    const gaps = busy(false, minuteMs, 3 * dayMs).map((at, index, all) => at - (all[index - 1] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(30 * minuteMs);
    const gate = createWriteGate();
    for (let nowMs = 0; nowMs < 5 * 60 * minuteMs; nowMs += minuteMs) {
      gate.ask(false);
      gate.take(nowMs);
    }
    const later = 5 * 60 * minuteMs;
    for (let each = 0; each < 9; each++) {
      gate.ask(true);
      expect(gate.take(later + each * 5000)).toBe(true);
    }
  });

  it('writes what waits at a stop, which counts as well', () => {
    const gate = createWriteGate();
    expect(gate.take(0, true)).toBe(false);
    for (let nowMs = 0; nowMs < 60; nowMs++) {
      gate.ask(true);
      expect(gate.take(nowMs, true)).toBe(true);
    }
    expect(gate.left()).toBe(0);
    gate.ask(true);
    expect(gate.take(30 * minuteMs - 60_000)).toBe(true);
  });

  it('is not fuller for a clock that went back, or for a long time away', () => {
    const gate = createWriteGate();
    gate.resume(3, -dayMs);
    expect(gate.left()).toBe(3);
    gate.resume(3, 400 * dayMs);
    expect(gate.left()).toBe(50);
  });

  it('writes at most 100 times in any 24 hours, whatever happens', () => {
    for (const [urgent, run] of [
      [true, busy],
      [false, busy],
      [true, crashing],
      [false, crashing],
    ] as const) {
      const writes = run(urgent, 5000, 3 * dayMs);
      for (const from of writes) {
        expect(writes.filter((at) => at >= from && at < from + dayMs).length).toBeLessThanOrEqual(
          writeLimits.perDay,
        );
      }
    }
    const step = fc.record({
      urgent: fc.boolean(),
      ask: fc.boolean(),
      afterMs: fc.nat(20 * minuteMs),
      fail: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 100, maxLength: 400 }), (steps) => {
        const gate = createWriteGate();
        const writes: number[] = [];
        let nowMs = 0;
        for (const { urgent, ask, afterMs, fail } of steps) {
          nowMs += afterMs;
          if (ask) gate.ask(urgent);
          if (!gate.take(nowMs)) continue;
          const last = writes.at(-1);
          if (last !== undefined) expect(nowMs - last).toBeGreaterThanOrEqual(writeLimits.urgentRestMs);
          writes.push(nowMs);
          if (fail) gate.failed();
        }
        for (const from of writes) {
          expect(writes.filter((at) => at >= from && at < from + dayMs).length).toBeLessThanOrEqual(100);
        }
      }),
      { numRuns: 50 },
    );
  });
});
