import { expect, test } from 'vitest';
import { upperBound } from './bound.ts';

test('no hit: the rule of three, exactly 1 - 0.05^(1/n)', () => {
  expect(upperBound(0, 1650)).toBeCloseTo(1 - 0.05 ** (1 / 1650), 9);
  expect(upperBound(0, 1650)).toBeCloseTo(3 / 1650, 4);
});

test('one side of Clopper and Pearson, as in their tables at 90 %', () => {
  expect(upperBound(1, 10)).toBeCloseTo(0.3942, 4);
  expect(upperBound(2, 20)).toBeCloseTo(0.2826, 4);
});

test('more hits allow a larger share, up to all', () => {
  expect(upperBound(5, 100)).toBeLessThan(upperBound(6, 100));
  expect(upperBound(10, 10)).toBe(1);
  expect(upperBound(0, 0)).toBe(1);
});
