import type { Rule } from './rule.ts';

/** P(a first contact succeeds), for an honest host and for a scanner. */
const honestSuccess = 0.8;
const scannerSuccess = 0.2;
/** Error rates asked for: false alarms and misses. */
const alpha = 0.01;
const beta = 0.01;
const upper = (1 - beta) / alpha;
const lower = beta / (1 - alpha);

/**
 * Jung, Paxson, Berger and Balakrishnan, Fast Portscan Detection Using Sequential Hypothesis Testing (IEEE S&P 2004), with
 * the paper's parameters: a likelihood ratio over first contacts only, each a success (the handshake completed) or a failure,
 * and a decision for good at either threshold. A failure is known when the attempt ends.
 */
export const thresholdRandomWalk: Rule = {
  name: 'trw',
  about: 'TRW',
  firstFiring(flows) {
    const met = new Set<string>();
    let ratio = 1;
    for (const [index, { dst, tsS, durationS, state }] of flows.entries()) {
      if (met.has(dst)) continue;
      met.add(dst);
      const isFailure = state === 'timeout' || state === 'refused';
      ratio *= isFailure ? (1 - scannerSuccess) / (1 - honestSuccess) : scannerSuccess / honestSuccess;
      if (ratio >= upper) return { connection: index + 1, atS: tsS + durationS };
      if (ratio <= lower) return undefined;
    }
    return undefined;
  },
};
