/** Clopper and Pearson's limit of one side. */
const confidence = 0.95;

/**
 * The largest share that is compatible with so many hits in so many trials at 95 % (Clopper and Pearson 1934, one side):
 * the share at which so few hits would come in one case of twenty. Without hits it is the rule of three, nearly 3 / n.
 */
export function upperBound(hits: number, trials: number): number {
  if (trials <= 0 || hits >= trials) return 1;
  let [low, high] = [hits / trials, 1];
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (atMost(hits, trials, middle) > 1 - confidence) low = middle;
    else high = middle;
  }
  return high;
}

/** P(at most so many hits), binomial, term by term in logarithms. */
function atMost(hits: number, trials: number, share: number): number {
  let term = trials * Math.log1p(-share);
  let sum = Math.exp(term);
  for (let hit = 1; hit <= hits; hit++) {
    term += Math.log((trials - hit + 1) / hit) + Math.log(share) - Math.log1p(-share);
    sum += Math.exp(term);
  }
  return sum;
}
