import { expect, test } from 'vitest';
import { chanceOf } from './chance.ts';
import { mean } from './summary.ts';

const draws = 20_000;
const many = <T>(draw: () => T): T[] => Array.from({ length: draws }, draw);

test('the seed alone decides', () => {
  const first = chanceOf('camera/1');
  const again = chanceOf('camera/1');
  const other = chanceOf('camera/2');
  const drawn = Array.from({ length: 5 }, () => first.next());
  expect(Array.from({ length: 5 }, () => again.next())).toEqual(drawn);
  expect(Array.from({ length: 5 }, () => other.next())).not.toEqual(drawn);
});

test('draws have the means that they are named for', () => {
  const chance = chanceOf('means');
  expect(mean(many(() => chance.next()))).toBeCloseTo(0.5, 1);
  expect(mean(many(() => chance.exponential(3)))).toBeCloseTo(3, 0);
  expect(mean(many(() => chance.poisson(2.5)))).toBeCloseTo(2.5, 1);
  expect(mean(many(() => (chance.is(0.24) ? 1 : 0)))).toBeCloseTo(0.24, 1);
  expect(many(() => chance.lognormal(100, 1)).filter((value) => value < 100).length / draws).toBeCloseTo(
    0.5,
    1,
  );
});

test('whole numbers include both ends and nothing beyond', () => {
  const chance = chanceOf('ends');
  expect(new Set(many(() => chance.whole(3, 6)))).toEqual(new Set([3, 4, 5, 6]));
});

test('weights are kept', () => {
  const chance = chanceOf('weights');
  const counts = [0, 0, 0];
  for (const index of many(() => chance.weighted([1, 0, 3]))) counts[index] = (counts[index] ?? 0) + 1;
  expect(counts[1]).toBe(0);
  expect((counts[2] ?? 0) / draws).toBeCloseTo(0.75, 1);
});
