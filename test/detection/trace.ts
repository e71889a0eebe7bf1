import type { DeviceClass } from '../../daemon/config/config.ts';
import { type Observation, observe, type Step } from '../../daemon/detection/observe.ts';
import { emptyProfile, hourMs, type Profile } from '../../daemon/detection/profile.ts';
import { groupOf } from './provider-data.ts';

/** A contact at an hour of the trace: `[hour, 'M 203.0.113.9']`. */
export type Contact = readonly [hour: number, contact: string];

/** What `M 203.0.113.9` stands for. */
export function contactOf(text: string): Observation {
  const [portClass, address = ''] = text.split(' ');
  return { portClass: portClass === 'M' ? 'M' : 'S', group: groupOf(address), address };
}

/** Plays a trace to a new device. */
export function play(
  trace: readonly Contact[],
  deviceClass: DeviceClass,
): { steps: Step[]; profile: Profile; cells: string[] } {
  const profile = emptyProfile(0);
  const steps = trace.map(([hour, text]) => observe(profile, contactOf(text), deviceClass, hour * hourMs));
  return { steps, profile, cells: steps.map((step) => step.cell) };
}

/** Scores after each step, to two places. */
export const scores = (steps: readonly Step[]) => steps.map(({ after }) => Math.round(after * 100) / 100);
