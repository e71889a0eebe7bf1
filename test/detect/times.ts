import type { Chance } from './chance.ts';
import { dayS, startS } from './family.ts';

/** How active a home is by the hour: asleep from midnight to six, most in the evening. Weights, their mean 1. */
export const awake: readonly number[] = [
  0.2, 0.1, 0.1, 0.1, 0.1, 0.3, 0.8, 1.2, 1.3, 1.2, 1.1, 1.1, 1.2, 1.1, 1.0, 1.1, 1.3, 1.6, 1.8, 1.8, 1.7,
  1.5, 1.2, 0.8,
];

/** A bot does not sleep. */
export const always: readonly number[] = Array<number>(24).fill(1);

/** Moments of a Poisson process with so many a day, by the hours' weights; ascending, seconds since the epoch. */
export function moments(chance: Chance, perDay: number, days: number, weights: readonly number[]): number[] {
  const mean = weights.reduce((sum, weight) => sum + weight, 0);
  const times: number[] = [];
  for (let day = 0; day < days; day++) {
    const count = chance.poisson(perDay);
    for (let index = 0; index < count; index++) {
      const hour = chance.weighted(weights.map((weight) => weight / mean));
      times.push(startS + day * dayS + (hour + chance.next()) * 3600);
    }
  }
  return times.sort((a, b) => a - b);
}

/** So many moments, anywhere in the days. */
export function scattered(chance: Chance, count: number, days: number): number[] {
  return Array.from({ length: count }, () => startS + chance.next() * days * dayS).sort((a, b) => a - b);
}
