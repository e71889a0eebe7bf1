import { expect, test } from 'vitest';
import { type DeviceClass, deviceClasses } from '../../daemon/config/config.ts';
import {
  type Benign,
  type Cell,
  cellLlr,
  cellProbability,
  columnOf,
  type Outcome,
  outcomeLlr,
  outcomeProbability,
  portClassOf,
} from '../../daemon/detection/table.ts';
import { thresholdsOf } from '../../daemon/detection/thresholds.ts';

const cells = Object.keys(cellProbability) as Cell[];
const columns = ['bot', 'iot', 'computer', 'unknown'] as const;
const outcomes: readonly Outcome[] = ['delivered', 'short', 'no service'];

test.each(columns)('the cells of %s are all there is: they sum to 1', (column) => {
  expect(cells.reduce((sum, cell) => sum + cellProbability[cell][column], 0)).toBeCloseTo(1, 12);
});

test.each(['M', 'S'] as const)('the outcomes on %s sum to 1', (portClass) => {
  for (const side of ['bot', 'benign'] as const) {
    const sum = outcomes.reduce((total, outcome) => total + outcomeProbability[portClass][outcome][side], 0);
    expect(sum).toBeCloseTo(1, 12);
  }
});

// ln of the quotients of the table, by hand: ln(.30 / .008) = 3.624, ln(.06 / .702) = -2.460, …
const llrs: Record<Cell, Record<Benign, number>> = {
  'M,N': { iot: 3.624, computer: 3.624, unknown: 3.401 },
  'M,A': { iot: 3.258, computer: 3.076, unknown: 3.076 },
  'M,O': { iot: 0, computer: 0, unknown: 0 },
  'M,K': { iot: -0.288, computer: -Math.LN2, unknown: -0.606 },
  'S,N': { iot: 0.511, computer: 0, unknown: 0.223 },
  'S,A': { iot: 1.609, computer: 1.204, unknown: 1.386 },
  'S,O': { iot: 0, computer: 0, unknown: 0 },
  'S,K': { iot: -2.46, computer: -2.319, unknown: -2.372 },
};

test.each(cells)('%s weighs what the design says', (cell) => {
  for (const column of ['iot', 'computer', 'unknown'] as const) {
    expect(cellLlr(cell, column)).toBeCloseTo(llrs[cell][column], 3);
  }
});

test('outcomes weigh what the design says, for N and A alone', () => {
  const weigh = (portClass: 'M' | 'S', relation: 'N' | 'A' | 'O' | 'K') =>
    outcomes.map((outcome) => Math.round(outcomeLlr(portClass, relation, outcome, 'unknown') * 100) / 100);
  expect(weigh('M', 'N')).toEqual([-0.51, 0.69, 0]);
  expect(weigh('M', 'A')).toEqual([-0.51, 0.69, 0]);
  expect(weigh('S', 'N')).toEqual([-1.48, 1.9, 1.9]);
  expect(weigh('S', 'O')).toEqual([0, 0, 0]);
  expect(weigh('M', 'K')).toEqual([0, 0, 0]);
});

test('a mail server gives no evidence', () => {
  for (const cell of cells) expect(cellLlr(cell, 'mailserver')).toBe(0);
  expect(outcomeLlr('S', 'N', 'short', 'mailserver')).toBe(0);
});

test('a guess never loosens: iot and appliance weigh at least as much as unknown wherever a contact speaks against it', () => {
  for (const cell of cells.filter((one) => !one.endsWith('K'))) {
    expect(cellLlr(cell, 'iot')).toBeGreaterThanOrEqual(cellLlr(cell, 'unknown'));
    expect(cellLlr(cell, 'appliance')).toBe(cellLlr(cell, 'iot'));
  }
});

test('every class has a column but the mail server', () => {
  const without = deviceClasses.filter((deviceClass: DeviceClass) => columnOf(deviceClass) === undefined);
  expect(without).toEqual(['mailserver']);
});

test('ports: 25 relays, 465 and 587 submit, 2525 never scores', () => {
  expect([25, 465, 587, 2525].map((port) => portClassOf(port as 25 | 465 | 587 | 2525))).toEqual([
    'M',
    'S',
    'S',
    undefined,
  ]);
});

/** Expected evidence of one contact of a bot, its outcome included. */
function bitsPerContact(column: Benign): number {
  let sum = 0;
  for (const cell of cells) {
    const [portClass, relation] = cell.split(',') as ['M' | 'S', 'N' | 'A' | 'O' | 'K'];
    const { bot } = cellProbability[cell];
    const after = outcomes.map(
      (one) => outcomeProbability[portClass][one].bot * outcomeLlr(portClass, relation, one, column),
    );
    sum += bot * (cellLlr(cell, column) + after.reduce((total, one) => total + one, 0));
  }
  return sum;
}

test.each(['iot', 'computer', 'unknown'] as const)(
  'Wald: a bot on %s decides in 2.0 to 2.2 contacts, and in 4.0 to 4.4',
  (column) => {
    const { restrict, block } = thresholdsOf('normal');
    const perContact = bitsPerContact(column);
    expect(restrict / perContact).toBeGreaterThan(1.95);
    expect(restrict / perContact).toBeLessThan(2.25);
    expect(block / perContact).toBeGreaterThan(3.95);
    expect(block / perContact).toBeLessThan(4.45);
  },
);

test("the thresholds are Wald's bounds", () => {
  // ln((1 - beta) / alpha): ln(.99 / .01) = 4.595, ln(.999 / .0001) = 9.209, ln(.999 / .001) = 6.907, ln(.97 / .0323) = 3.4.
  expect(thresholdsOf('normal')).toEqual({ restrict: 4.6, block: 9.21 });
  expect(thresholdsOf('relaxed')).toEqual({ restrict: 6.9, block: 9.21 });
  expect(thresholdsOf('strict')).toEqual({ restrict: 3.4, block: 9.21 });
  expect(Math.log(0.99 / 0.01)).toBeCloseTo(4.6, 1);
  expect(Math.log(0.999 / 0.0001)).toBeCloseTo(9.21, 2);
});
