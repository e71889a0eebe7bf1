import { quantile } from '../bench/numbers.ts';
import { upperBound } from './bound.ts';
import type { DeviceTrial, Found, Trial } from './trial.ts';

/** How several devices fared: of those that were found the median and the 90 % quantile, of all the leak. */
export interface Summary {
  readonly devices: number;
  /** Share of the devices, 0 to 1. */
  readonly share: number;
  readonly connection: Spread;
  readonly afterS: Spread;
  /** Messages that had gone through by the decision, or all where there was none; the mean. */
  readonly leaked: number;
}

export interface Spread {
  readonly median: number;
  readonly p90: number;
}

/** Sums up one decision over devices: the decision, and what leaked where there was none. */
export function summaryOf(
  found: readonly { readonly found: Found | undefined; readonly all: number }[],
): Summary {
  const hits = found.flatMap((one) => one.found ?? []);
  const spread = (values: readonly number[]) => ({
    median: quantile(values, 0.5),
    p90: quantile(values, 0.9),
  });
  return {
    devices: found.length,
    share: hits.length / found.length,
    connection: spread(hits.map(({ connection }) => connection)),
    afterS: spread(hits.map(({ afterS }) => afterS)),
    leaked: mean(found.map((one) => one.found?.leaked ?? one.all)),
  };
}

/** Sums up what one way of guarding decided. */
export function decisionSummary(
  trials: readonly DeviceTrial[],
  way: 'watched' | 'enforced',
  act: 'restrict' | 'block',
): Summary {
  return summaryOf(trials.map((trial) => ({ found: trial[way][act], all: trial[way].leaked })));
}

/** Sums up a peer's rule. */
export function peerSummary(trials: readonly DeviceTrial[], rule: string): Summary {
  return summaryOf(trials.map((trial) => ({ found: trial.peers[rule], all: trial.messages })));
}

/** Devices that were touched though nothing was wrong with them, each counted once. */
export interface Alarms {
  readonly restricts: number;
  readonly blocks: number;
  readonly slows: number;
  /** Told, which touches nothing. */
  readonly tells: number;
}

/** Counts the devices to which something was done. */
export function alarmsOf(trials: readonly Trial[]): Alarms {
  const count = (act: 'restrict' | 'block' | 'slow' | 'told') => trials.filter((trial) => trial[act]).length;
  return { restricts: count('restrict'), blocks: count('block'), slows: count('slow'), tells: count('told') };
}

/** Whether a guard did something to the device, not only about it. */
export const isTouched = ({ restrict, block, slow }: Trial): boolean =>
  restrict !== undefined || block !== undefined || slow !== undefined;

/** Share of the devices of which something was told that led to nothing else. */
export const toldShare = (trials: readonly DeviceTrial[]): number =>
  trials.filter(({ watched }) => watched.told).length / trials.length;

/** Alarms in a device-month at most, 95 %: each device is watched for a month of 30 days. */
export const monthlyBound = (devices: number, hits: number): number => upperBound(hits, devices);

export const mean = (values: readonly number[]): number =>
  values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
