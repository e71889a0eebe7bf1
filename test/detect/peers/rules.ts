import type { Rule } from './rule.ts';
import { anyPort25, manyServers } from './set-rules.ts';
import { thresholdRandomWalk } from './threshold-random-walk.ts';
import { fixedRates, frequentEmails, twentyAMinute } from './window-rules.ts';

/** What others do, in the order of the table. */
export const rules: readonly Rule[] = [
  ...fixedRates,
  anyPort25,
  thresholdRandomWalk,
  frequentEmails,
  twentyAMinute,
  manyServers,
];
