import { afterEach, beforeEach, expect, test } from 'vitest';
import { deviceBudgets } from '../../daemon/enforcement/budgets.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { startGuard } from './guard.ts';
import { type Flood, floods, underFlood } from './under-flood.ts';

let lab: Lab;

describeLab('what is full of a flood', () => {
  // A lab each: what one flood left in the kernel is not the next one's.
  beforeEach(async () => {
    lab = await startLab({ delayMs: 20 });
  });
  afterEach(() => lab?.stop());

  test.each<[what: string, flood: Flood, tells: readonly string[], idleWithinMs: number]>([
    ['100,000 spoofed sources', floods.sources, [], 10_000],
    ['a full ledger', floods.fullLedger, [], 10_000],
    ['a full conntrack table', floods.fullConntrack, ['conntrack_full'], 10_000],
  ])(
    '%s: a bot is caught, and memory and processor stay in bounds',
    async (what, flood, tells, idleWithinMs) => {
      const guard = await startGuard(lab);
      const outcome = await underFlood(lab, guard, flood);
      const { caught, missed, rssMb, idleAfterMs, told, heldAfterMs, flooded } = outcome;
      console.log(
        `${what} (${flooded}): held after ${heldAfterMs} ms, ${missed} messages; ${rssMb.toFixed(1)} MB, idle after ${idleAfterMs} ms; told ${told.join(', ')}`,
      );
      expect(caught).toBe(true);
      expect(missed).toBeLessThanOrEqual(deviceBudgets.iot.connections.burst);
      expect(told).toEqual(expect.arrayContaining([...tells]));
      expect(rssMb).toBeLessThan(80);
      expect(idleAfterMs).toBeLessThan(idleWithinMs);
    },
  );
});
