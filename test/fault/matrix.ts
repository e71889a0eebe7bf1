import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freshGuard } from '../guard/bots.ts';
import type { Guard } from '../guard/guard.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { runCells, saidBy } from './cells.ts';
import type { Fault } from './fault.ts';

/** The rows of the fault matrix as tests: in files of two, since each row takes a quarter of a minute and mostly waits. */
export function describeFaults(faults: readonly Fault[]): void {
  describeLab('the fault matrix', () => describeRows(faults));
}

function describeRows(faults: readonly Fault[]): void {
  let lab: Lab;
  let guard: Guard | undefined;

  beforeAll(async () => {
    lab = await startLab();
  });
  afterEach(async () => {
    await guard?.stop();
    guard = undefined;
  });
  afterAll(() => lab?.stop());

  describe.each(faults)('$name', (fault) => {
    test('while idle, during an attack, while a device is held', async () => {
      guard = await freshGuard(lab, await fault.prepare?.(lab));
      const place = { lab, guard };
      const cells = await runCells(fault, place);
      const words = cells.map(
        ({ moment, leaked, openS }) => `${moment} ${leaked} after ${openS.toFixed(1)} s`,
      );
      console.log(`${fault.name}: ${words.join(', ')}`);
      for (const { moment, leaked, openS } of cells) {
        const bound = fault.bounds[moment];
        expect(leaked, `${moment}: messages`).toBeLessThanOrEqual(bound.leaked);
        expect(openS, `${moment}: seconds`).toBeLessThanOrEqual(bound.openS);
      }
      if (fault.told) {
        await expect.poll(() => saidBy(place), { timeout: 10_000, interval: 500 }).toMatch(fault.told);
      }
    });
  });
}
