import { rules } from './peers/rules.ts';
import type { FamilyTrials } from './report.ts';
import { decisionSummary, isTouched, monthlyBound } from './summary.ts';
import type { DeviceTrial, Part } from './trial.ts';

/**
 * What every guard did to the ordinary devices together: how many it restricted, blocked or slowed (of the rules of others:
 * where they fire), the share of a month, the share that is compatible with it at 95 %, and the same for each part.
 */
export function alarmLines(all: readonly FamilyTrials[]): string[] {
  const trials = all.filter(({ family }) => family.kind === 'ordinary').flatMap((one) => one.trials);
  if (trials.length === 0) return [];
  const guards: readonly (readonly [string, (trial: DeviceTrial) => boolean])[] = [
    ['Postern', ({ watched }) => isTouched(watched)],
    ['Postern, enforced', ({ enforced }) => isTouched(enforced)],
    ...rules.map(
      ({ name, about }) => [about, ({ peers }: DeviceTrial) => peers[name] !== undefined] as const,
    ),
  ];
  const head = ['', 'touched', 'a month', 'at most', 'to tune on', 'held out'];
  return [head, ...guards.map(([who, touches]) => alarmCells(who, trials, touches))].map(inColumns);
}

function alarmCells(who: string, trials: readonly DeviceTrial[], touches: (trial: DeviceTrial) => boolean) {
  const hits = trials.filter(touches).length;
  const ofPart = (part: Part) => {
    const own = trials.filter((trial) => trial.part === part);
    return `${own.filter(touches).length}/${own.length}`;
  };
  return [
    who,
    `${hits}/${trials.length}`,
    percent(hits / trials.length),
    percent(monthlyBound(trials.length, hits)),
    ofPart('tuning'),
    ofPart('held-out'),
  ];
}

/** The ordinary devices that were touched, with their class: only those that may be looked at. */
export function touchedLines(all: readonly FamilyTrials[]): string[] {
  return all
    .filter(({ family }) => family.kind === 'ordinary')
    .flatMap(({ trials }) => trials)
    .filter(({ part, watched }) => part === 'tuning' && isTouched(watched))
    .map((trial) => `  ${trial.device} as ${trial.class}: ${touchesOf(trial)}`);
}

function touchesOf({ watched: { restrict, block, slow } }: DeviceTrial): string {
  const acts = Object.entries({ restricted: restrict, blocked: block, slowed: slow });
  return acts.flatMap(([act, found]) => (found ? [`${act} at ${found.connection}`] : [])).join(', ');
}

/** For each family of bots, watched as unknown: what may be tuned on beside what was kept back. */
export function splitLines(all: readonly FamilyTrials[]): string[] {
  const head = ['', 'to tune on', 'connection', 'leaked', 'held out', 'connection', 'leaked'];
  const bots = all.filter(({ family }) => family.kind === 'bot');
  const rows = bots.map(({ family, trials }) => {
    const own = trials.filter((trial) => trial.class === 'unknown');
    return [
      family.name,
      ...(['tuning', 'held-out'] as const).flatMap((part) =>
        caughtCells(own.filter((trial) => trial.part === part)),
      ),
    ];
  });
  return [head, ...rows.filter((cells) => cells.some((cell, index) => index > 0 && cell !== '-'))].map(
    inColumns,
  );
}

/** Share that was restricted, the median connection, and the messages leaked by then. */
function caughtCells(trials: readonly DeviceTrial[]): string[] {
  if (trials.length === 0) return ['-', '-', '-'];
  const { share, connection, leaked } = decisionSummary(trials, 'watched', 'restrict');
  return [percent(share), share > 0 ? String(connection.median) : 'never', leaked.toFixed(1)];
}

const percent = (share: number) => `${Number((100 * share).toFixed(2))} %`;

const inColumns = (cells: readonly string[]) =>
  cells.map((cell, index) => (index === 0 ? cell.padEnd(22) : cell.padStart(12))).join(' ');
