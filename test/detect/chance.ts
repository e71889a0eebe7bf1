/** A source of chance that gives the same draws for the same seed. */
export interface Chance {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform in [from, to). */
  between(from: number, to: number): number;
  /** A whole number, both ends included. */
  whole(from: number, to: number): number;
  /** True in that share of the draws. */
  is(share: number): boolean;
  /** One of the items, each as likely; of nothing an error. */
  pick<T>(items: readonly T[]): T;
  /** The index of a weight, as likely as it is heavy. */
  weighted(weights: readonly number[]): number;
  exponential(mean: number): number;
  /** How many of rare things happened, of which `mean` are expected. */
  poisson(mean: number): number;
  /** Half of the draws lie below the median; `sigma` is the deviation of the logarithm. */
  lognormal(median: number, sigma: number): number;
}

/** Draws that follow from the seed alone, whatever its text: one seed a device makes every device reproducible. */
export function chanceOf(seed: string): Chance {
  const next = mulberry32(hashOf(seed));
  const between = (from: number, to: number) => from + next() * (to - from);
  const whole = (from: number, to: number) => Math.floor(between(from, to + 1));
  const exponential = (mean: number) => -mean * Math.log(1 - next());
  return {
    next,
    between,
    whole,
    is: (share) => next() < share,
    pick(items) {
      const item = items[whole(0, items.length - 1)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
    weighted(weights) {
      let left = next() * weights.reduce((sum, weight) => sum + weight, 0);
      for (const [index, weight] of weights.entries()) {
        left -= weight;
        if (left < 0) return index;
      }
      return weights.length - 1;
    },
    exponential,
    poisson(mean) {
      let count = 0;
      for (let at = exponential(1); at < mean; at += exponential(1)) count++;
      return count;
    },
    // Box and Muller, one of the two.
    lognormal: (median, sigma) =>
      median * Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())),
  };
}

/** Mulberry32 of Tommy Ettinger (2017, public domain): 32 bits of state, passes gjrand; ample for a few thousand draws a seed. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** FNV-1a over the seed's characters. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
