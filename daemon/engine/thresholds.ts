import { type Thresholds, thresholdsOf } from '../detection/thresholds.ts';
import type { DeviceRecord } from './device-record.ts';
import type { View } from './state.ts';

/** Thresholds in force for a device: on probation after a release, those of the strict preset. */
export function thresholdsFor(turn: View, record: DeviceRecord): Thresholds {
  const isOnProbation = (record.probationUntilMs ?? 0) > turn.at.nowMs;
  const { preset } = turn.state.config;
  return thresholdsOf(isOnProbation && preset === 'normal' ? 'strict' : preset);
}
