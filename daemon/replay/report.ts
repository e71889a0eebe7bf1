import type { DeviceClass } from '../config/config.ts';
import { scoreAt } from '../detection/profile.ts';
import { isoTime } from '../engine/iso-time.ts';
import { whoIs } from '../engine/who.ts';
import { type Decided, type DeviceRun, recordOf } from './device-run.ts';
import type { Evaluation } from './evaluator.ts';
import type { ReplayOptions } from './replay-options.ts';

/** When something was decided: the number of the device's connection, and seconds since its first one. */
export interface DecisionDocument {
  readonly connection: number;
  readonly time_s: number;
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** Messages that were through before, as estimated from the counters. */
  readonly leaked: number;
}

/** What a log says of one device. */
export interface ReplayedDevice {
  readonly device: string;
  readonly class: DeviceClass;
  readonly class_reason: string;
  /** Flows to mail ports. */
  readonly flows: number;
  readonly restrict: DecisionDocument | null;
  readonly block: DecisionDocument | null;
  readonly slow: DecisionDocument | null;
  /** At its last flow; it ends with a ban, so the highest is beside it. */
  readonly score: number;
  readonly peak_score: number;
  readonly messages: number;
  /** Connections that the guard would not have let begin; only with `--enforce`. */
  readonly refused: number;
  /** Notices that led to nothing else. */
  readonly told: number;
  readonly first: string;
  readonly last: string;
  /** The log's own word, where it has one. */
  readonly label?: string;
  readonly why: readonly string[];
}

/** Of one file. */
export interface ReplayedFile {
  readonly file: string;
  readonly format: string;
  readonly lines: number;
  readonly flows: number;
  readonly unreadable: number;
}

/** The answer of `postern replay --json`. */
export interface ReplayDocument {
  readonly schema: 1;
  readonly preset: ReplayOptions['preset'];
  readonly enforce: boolean;
  readonly home: Evaluation['home'];
  readonly devices: readonly ReplayedDevice[];
  readonly files: readonly ReplayedFile[];
  /** Flows that were not judged, by reason, and those that came late. */
  readonly flows_inside: number;
  readonly flows_of_strangers: number;
  readonly flows_left_out: number;
  readonly flows_late: number;
}

/** The document of an evaluation: devices that were held first, then those with the highest scores. */
export function replayDocument(
  { runs, counts, home }: Evaluation,
  files: readonly ReplayedFile[],
  { preset, enforce }: ReplayOptions,
): ReplayDocument {
  const devices = runs.map(replayedDevice);
  return {
    schema: 1,
    preset,
    enforce,
    home,
    devices: devices.sort(
      (a, b) =>
        rank(b) - rank(a) ||
        b.peak_score - a.peak_score ||
        b.flows - a.flows ||
        (a.device < b.device ? -1 : 1),
    ),
    files,
    flows_inside: counts.inside,
    flows_of_strangers: counts.strange,
    flows_left_out: counts.leftOut,
    flows_late: counts.late,
  };
}

const rank = ({ block, restrict, slow }: ReplayedDevice) => (block ? 3 : restrict ? 2 : slow ? 1 : 0);

function replayedDevice(run: DeviceRun): ReplayedDevice {
  const record = recordOf(run);
  const who = whoIs(run.state, run.key);
  const { blocked, restricted, slowed } = run.decided;
  return {
    device: run.key,
    class: who.class,
    class_reason: who.classReason,
    flows: run.flows,
    restrict: decision(run, restricted),
    block: decision(run, blocked),
    slow: decision(run, slowed),
    score: hundredths(record ? scoreAt(record.profile, run.lastMs) : 0),
    peak_score: hundredths(run.peak),
    messages: run.messages,
    refused: run.refused,
    told: run.told,
    first: isoTime(run.firstMs),
    last: isoTime(run.lastMs),
    ...(run.label !== undefined && { label: run.label }),
    why: run.why ?? record?.evidence ?? [],
  };
}

function decision(run: DeviceRun, decided: Decided | undefined): DecisionDocument | null {
  if (!decided) return null;
  const { connection, atMs, leaked } = decided;
  return { connection, time_s: Math.round(atMs - run.firstMs) / 1000, at: isoTime(atMs), leaked };
}

const hundredths = (value: number) => Math.round(value * 100) / 100;
