import { badLine } from './scenarios/bad-line.ts';
import { bootIn1970 } from './scenarios/boot-in-1970.ts';
import { memory } from './scenarios/memory.ts';
import { offload } from './scenarios/offload.ts';
import { block, firstMinute, shutDown } from './scenarios/power.ts';
import { bridgeOfVlans } from './scenarios/vlans.ts';

/** What the machine can play, by name: each brings a home into a state, and returns the figures that the test judges. */
export const scenarios = {
  firstMinute,
  block,
  shutDown,
  bootIn1970,
  offload,
  memory,
  badLine,
  bridgeOfVlans,
} as const;

/** A scenario by name. */
export type ScenarioName = keyof typeof scenarios;

/** What a scenario takes, and what it returns. */
export type Args<Name extends ScenarioName> = Parameters<(typeof scenarios)[Name]>;
export type Reply<Name extends ScenarioName> = Awaited<ReturnType<(typeof scenarios)[Name]>>;
