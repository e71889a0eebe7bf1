import type { Family } from './family.ts';
import { rules } from './peers/rules.ts';
import {
  alarmsOf,
  decisionSummary,
  mean,
  peerSummary,
  type Spread,
  type Summary,
  toldShare,
} from './summary.ts';
import type { DeviceTrial } from './trial.ts';

/** One device family's trials. */
export interface FamilyTrials {
  readonly family: Family;
  readonly trials: readonly DeviceTrial[];
}

/** The table of bots: a line for Postern in each class, and one for each peer that found any. */
export function botLines({ family, trials }: FamilyTrials): string[] {
  const lines = [`${family.name}: ${family.about}`];
  for (const deviceClass of family.classes) {
    const own = trials.filter((trial) => trial.class === deviceClass);
    const block = decisionSummary(own, 'watched', 'block');
    const held = decisionSummary(own, 'enforced', 'block');
    lines.push(
      row(
        `Postern, ${deviceClass}`,
        decisionSummary(own, 'watched', 'restrict'),
        `blocked ${caught(block)}, enforced ${caught(held)}, then leaks ${number(mean(own.map(({ enforced }) => enforced.leaked)))}, told ${percent(toldShare(own))}`,
      ),
    );
  }
  const own = trials.filter((trial) => trial.class === family.classes[0]);
  for (const { name, about } of rules) {
    const summary = peerSummary(own, name);
    lines.push(row(about, summary, `of ${number(mean(own.map(({ messages }) => messages)))} messages`));
  }
  return lines;
}

function row(who: string, summary: Summary, rest: string): string {
  const parts = [
    who.padEnd(20),
    percent(summary.share).padStart(6),
    (summary.share > 0 ? spread(summary.connection, number) : 'never').padStart(12),
    (summary.share > 0 ? spread(summary.afterS, duration) : '').padStart(16),
    `leaked ${number(summary.leaked)}`.padStart(14),
  ];
  return `  ${parts.join('  ')}  ${rest}`;
}

/** The table of honest devices: what was done to how many. */
export function honestLines(all: readonly FamilyTrials[]): string[] {
  const head = [
    '',
    'devices',
    'restrict',
    'block',
    'slow',
    'tell',
    'enforced',
    ...rules.map(({ about }) => about),
  ];
  const lines = [head.map((text, index) => (index === 0 ? text.padEnd(24) : text.padStart(8))).join(' ')];
  for (const { family, trials } of all) {
    const watched = alarmsOf(trials.map((trial) => trial.watched));
    const enforced = alarmsOf(trials.map((trial) => trial.enforced));
    const cells = [
      trials.length,
      watched.restricts,
      watched.blocks,
      watched.slows,
      watched.tells,
      `${enforced.restricts}/${enforced.blocks}/${enforced.slows}`,
      ...rules.map(({ name }) => trials.filter(({ peers }) => peers[name]).length),
    ];
    const widths = head.slice(1).map((text) => Math.max(8, text.length));
    lines.push(
      [family.name.padEnd(24), ...cells.map((cell, index) => String(cell).padStart(widths[index] ?? 8))].join(
        ' ',
      ),
    );
  }
  return lines;
}

const caught = (summary: Summary) =>
  summary.share === 0
    ? 'never'
    : `${percent(summary.share)} at ${spread(summary.connection, number)} (${spread(summary.afterS, duration)})`;

const spread = ({ median, p90 }: Spread, text: (value: number) => string) => `${text(median)} / ${text(p90)}`;
const percent = (share: number) => `${Math.round(share * 100)} %`;
const number = (value: number) => String(Number(value.toFixed(value < 10 ? 1 : 0)));

/** Seconds in the unit that people would use. */
function duration(seconds: number): string {
  if (seconds < 100) return `${number(seconds)} s`;
  if (seconds < 6000) return `${number(seconds / 60)} min`;
  return seconds < 172_800 ? `${number(seconds / 3600)} h` : `${number(seconds / 86_400)} d`;
}
