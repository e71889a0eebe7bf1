import type { Preset } from '../config/config.ts';

/** Scores from which on a device is restricted and blocked. */
export interface Thresholds {
  readonly restrict: number;
  readonly block: number;
}

/**
 * Wald's bounds ln((1 - beta) / alpha). Normal restricts at alpha = beta = .01; every preset blocks at alpha = 1e-4,
 * beta = 1e-3, so that a preset changes how soon a device is held, never how surely it is guilty when all its mail stops.
 */
const presets: Readonly<Record<Preset, Thresholds>> = {
  relaxed: { restrict: 6.9, block: 9.21 },
  normal: { restrict: 4.6, block: 9.21 },
  strict: { restrict: 3.4, block: 9.21 },
};

/** The thresholds of a preset. */
export function thresholdsOf(preset: Preset): Thresholds {
  return presets[preset];
}
