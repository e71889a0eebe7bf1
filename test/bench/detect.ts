import { messagesOf } from '../../daemon/detection/outcome.ts';
import { absentShare, spamSession } from '../detect/bots/spam.ts';
import { families } from '../detect/families.ts';
import { botClasses, type Family, type Made } from '../detect/family.ts';
import { figuresOf } from '../detect/figures.ts';
import { botLines, type FamilyTrials, honestLines } from '../detect/report.ts';
import { alarmLines, splitLines, touchedLines } from '../detect/split.ts';
import { isBotTrace, readTraces, type TraceDevice } from '../detect/traces.ts';
import { type DeviceTrial, makeDevice, type Part, partOf, tryDevice } from '../detect/trial.ts';
import type { Bench, BenchOptions } from './bench-types.ts';

/** Connections of a real trace that are replayed as on an open network, and how often the outcomes are drawn. */
const openFlows = 1500;
const openRuns = 20;

const parts: readonly string[] = ['tuning', 'held-out'] satisfies Part[];

/**
 * How soon bots are found and how often honest devices are taken for one, for Postern and for what others do, from the
 * same flows: generated ones (see test/detect), and the traces of a folder where `--data` or POSTERN_DATA names one.
 * `--part tuning` takes only the devices that may be tuned on, `--part held-out` only the others, and `--only NAMES` only
 * these families; `--seed TEXT` takes other devices of the same families.
 */
export const detect: Bench = {
  name: 'detect',
  about: 'bots found and honest devices left alone, for Postern and for the rules of others [--data DIR]',
  withoutLab: true,
  async run(say, options: BenchOptions) {
    const only = options['only']?.split(',');
    const chosen = families.filter(({ name }) => only?.includes(name) ?? true);
    const unknown = only?.filter((name) => families.every((family) => family.name !== name)) ?? [];
    if (unknown.length > 0) throw new Error(`no family ${unknown.join(', ')}: see test/detect/families.ts`);
    if (options['part'] !== undefined && !parts.includes(options['part']))
      throw new Error(`--part must be ${parts.join(' or ')}`);
    const all = chosen.map((family, index) =>
      tryFamily(family, options, (line) => say(`${index + 1} of ${chosen.length}: ${line}`)),
    );
    const data = options['data'] ?? process.env['POSTERN_DATA'];
    const traces = data === undefined ? [] : await readTraces(data);
    if (data !== undefined && traces.length === 0) throw new Error(`no log with mail flows in ${data}`);
    if (traces.length > 0) say('\nreal traces (messages are estimates)');
    for (const trace of new Set(traces.map((device) => device.trace))) {
      all.push(
        ...tryTrace(
          trace,
          traces.filter((device) => device.trace === trace),
          say,
        ),
      );
    }
    const ofKind = (kind: Family['kind']) => all.filter(({ family }) => family.kind === kind);
    say('\nbots: caught, connection (median / 90 %), time, messages leaked before (mean)');
    for (const one of ofKind('bot')) for (const line of botLines(one)) say(line);
    say('\nhonest devices, 30 days each: to how many something was done');
    for (const line of honestLines([...ofKind('ordinary'), ...ofKind('difficult')])) say(line);
    say('\nordinary devices together, 30 days each: restricted, blocked or slowed, and the bound at 95 %');
    for (const line of alarmLines(all)) say(line);
    for (const line of touchedLines(all)) say(line);
    say('\nbots watched as unknown: those that may be tuned on, and those that nobody looked at');
    for (const line of splitLines(all)) say(line);
    return figuresOf(all);
  },
};

function tryFamily(family: Family, { part, seed }: BenchOptions, say: (line: string) => void): FamilyTrials {
  const began = performance.now();
  const trials: DeviceTrial[] = [];
  for (let index = 0; index < family.devices; index++) {
    const own = partOf(family, index);
    if (part !== undefined && part !== own) continue;
    const made = makeDevice(family, index, seed);
    const device = `${family.name}/${index}`;
    // Both parts get each class: the classes change with every second device.
    const one = family.classes[Math.floor(index / 2) % family.classes.length];
    const classes = family.kind === 'bot' || one === undefined ? family.classes : [one];
    for (const deviceClass of classes)
      trials.push(tryDevice(made, { device, part: own, class: deviceClass }, 'normal'));
  }
  say(`${family.name}: ${trials.length} trials, ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return { family, trials };
}

/** Real devices as they were, and, where they are bots, their destinations and times with outcomes as on an open network. */
function tryTrace(
  trace: string,
  devices: readonly TraceDevice[],
  say: (line: string) => void,
): FamilyTrials[] {
  const isBot = devices.some(isBotTrace);
  const shape = {
    kind: isBot ? 'bot' : 'difficult',
    classes: botClasses,
    days: 30,
    devices: openRuns,
  } as const;
  const real = devices.map(({ flows }) => flows.map((flow) => ({ ...flow, messages: estimate(flow) })));
  const make = () => ({ flows: real[0] ?? [] });
  const asItWas: Family = { ...shape, name: trace, about: 'as it was', make };
  say(`${trace}: ${devices.length} devices, ${real.flat().length} flows`);
  const results = [{ family: asItWas, trials: real.flatMap((flows) => asAll(asItWas, { flows })) }];
  if (!isBot) return results;
  const open: Family = {
    ...shape,
    name: `${trace}_open`,
    about: `its first ${openFlows} destinations and times, outcomes as on an open network`,
    make(chance) {
      const absent = absentShare(chance);
      const first = (real[0] ?? []).slice(0, openFlows);
      return { flows: first.map((flow) => ({ ...flow, ...spamSession(chance, absent) })) };
    },
  };
  const trials = Array.from({ length: open.devices }, (_, index) => asAll(open, makeDevice(open, index)));
  return [...results, { family: open, trials: trials.flat() }];
}

const asAll = (family: Family, made: Made) =>
  family.classes.map((deviceClass) => tryDevice(made, { device: family.name, class: deviceClass }, 'normal'));

function estimate({ out, back, state }: TraceDevice['flows'][number]): number {
  return out && back ? messagesOf({ out, back, established: state.startsWith('est') }) : 0;
}
