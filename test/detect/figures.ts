import type { Figures } from '../bench/bench-types.ts';
import { rounded } from '../bench/numbers.ts';
import type { FamilyTrials } from './report.ts';
import { alarmsOf, decisionSummary, isTouched, monthlyBound, toldShare } from './summary.ts';
import type { DeviceTrial } from './trial.ts';

/**
 * The figures of the line of JSON. A figure that does not exist (a decision that was never made) is null.
 *
 * - `<family>_restrict`, `<family>_block`: the connection at which the decision came, median of the devices where it did
 * - `<family>_caught`: share of the devices that were restricted or blocked, 0 to 1
 * - `<family>_leaked`: messages that had gone through by the restrict, mean
 * - `<family>_told`: share of which something was told that led to nothing else (the volume arm)
 * - `<family>_enforced_block`: as `_block`, where what the guard refused got no outcome
 * - `<family>_enforced_leaked`: messages that went through in all the days, with the guard in force, mean
 *
 * where the family is watched as a device of class unknown; as another class the class comes before the figure:
 * `<family>_iot_restrict`. Of the ordinary devices together:
 *
 * - `device_months`
 * - `false_restricts`, `false_blocks`, `false_slows`: devices to which it happened, each counted once
 * - `bound_95_percent_per_month`: share of devices restricted, blocked or slowed in a month, at most (Clopper and Pearson)
 * - `false_restricts_enforced`, `false_blocks_enforced`, `false_slows_enforced`: the same with the guard in force
 * - `held_out_device_months`, `held_out_touched`: of those that nobody tuned on, and how many of them were restricted,
 *   blocked or slowed
 * - `tells`: devices about which their owner was told something, which touches nothing
 *
 * Of the devices known to be difficult `<family>_restricted`, `<family>_blocked`: shares.
 */
export function figuresOf(all: readonly FamilyTrials[]): Figures {
  const figures: Record<string, number> = {};
  for (const { family, trials } of all) {
    if (family.kind === 'bot') {
      for (const deviceClass of family.classes) {
        const start = deviceClass === 'unknown' ? family.name : `${family.name}_${deviceClass}`;
        Object.assign(
          figures,
          botFigures(
            start,
            trials.filter((trial) => trial.class === deviceClass),
          ),
        );
      }
    } else if (family.kind === 'difficult') {
      const { restricts, blocks } = alarmsOf(trials.map(({ watched }) => watched));
      figures[`${family.name}_restricted`] = rounded(restricts / trials.length, 3);
      figures[`${family.name}_blocked`] = rounded(blocks / trials.length, 3);
    }
  }
  const ordinary = all.filter(({ family }) => family.kind === 'ordinary').flatMap(({ trials }) => trials);
  return { ...figures, ...ordinaryFigures(ordinary) };
}

function botFigures(start: string, trials: readonly DeviceTrial[]): Figures {
  const restrict = decisionSummary(trials, 'watched', 'restrict');
  const heldBlock = decisionSummary(trials, 'enforced', 'block');
  const leaked = trials.reduce((sum, { enforced }) => sum + enforced.leaked, 0);
  return {
    [`${start}_restrict`]: restrict.connection.median,
    [`${start}_block`]: decisionSummary(trials, 'watched', 'block').connection.median,
    [`${start}_caught`]: rounded(restrict.share, 3),
    [`${start}_leaked`]: rounded(restrict.leaked, 2),
    [`${start}_told`]: rounded(toldShare(trials), 3),
    [`${start}_enforced_block`]: heldBlock.connection.median,
    [`${start}_enforced_leaked`]: rounded(leaked / trials.length, 2),
  };
}

function ordinaryFigures(trials: readonly DeviceTrial[]): Figures {
  const watched = alarmsOf(trials.map((trial) => trial.watched));
  const enforced = alarmsOf(trials.map((trial) => trial.enforced));
  const touched = trials.filter(({ watched }) => isTouched(watched));
  const keptBack = trials.filter(({ part }) => part === 'held-out');
  return {
    false_restricts: watched.restricts,
    false_blocks: watched.blocks,
    false_slows: watched.slows,
    false_restricts_enforced: enforced.restricts,
    false_blocks_enforced: enforced.blocks,
    false_slows_enforced: enforced.slows,
    tells: watched.tells,
    device_months: trials.length,
    bound_95_percent_per_month: rounded(monthlyBound(trials.length, touched.length), 5),
    held_out_device_months: keptBack.length,
    held_out_touched: keptBack.filter(({ watched }) => isTouched(watched)).length,
  };
}
