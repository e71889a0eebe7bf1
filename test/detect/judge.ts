import type { DeviceClass, Preset } from '../../daemon/config/config.ts';
import { createEvaluator } from '../../daemon/replay/evaluator.ts';
import type { ReplayFlow } from '../../daemon/replay/replay-flow.ts';
import type { Outage } from '../../daemon/replay/replay-options.ts';
import { data } from '../detection/provider-data.ts';
import type { MadeFlow } from './family.ts';

/** How a device is judged. */
export interface JudgeOptions {
  readonly class: DeviceClass;
  readonly preset: Preset;
  /** What the guard would have refused gets no outcome: the device is seen to try, no more. */
  readonly enforce: boolean;
  /** When the home's line was down: the kernel would have told. */
  readonly outages?: readonly Outage[];
}

/** A decision of the guard's. */
export interface Decision {
  /** Of the device's mail connections, the last before the decision, the first being 1. */
  readonly connection: number;
  /** When, seconds since the epoch. */
  readonly atS: number;
}

/** What the guard made of one device: the first decision of each kind. */
export interface Judgement {
  readonly restrict: Decision | undefined;
  readonly block: Decision | undefined;
  readonly slow: Decision | undefined;
  /** Its owner was told something that led to nothing else. */
  readonly told: boolean;
  /** Messages that went through in all: the truth, and of a session that was cut the whole ones of the share that passed. */
  readonly messages: number;
}

/** Runs one device's flows, in the order of their starts, through the evaluator of `postern replay`. */
export function judge(flows: readonly MadeFlow[], options: JudgeOptions): Judgement {
  let messages = 0;
  const ended = (flow: ReplayFlow, share: number) => {
    messages += Math.floor((flow as MadeFlow).messages * share);
  };
  const evaluator = createEvaluator({ ...options, lan: [], ended }, data);
  for (const flow of flows) evaluator.take(flow);
  const { runs } = evaluator.finish();
  const first = (hold: 'restricted' | 'blocked' | 'slowed'): Decision | undefined =>
    runs
      .flatMap(({ decided }) => decided[hold] ?? [])
      .map(({ connection, atMs }) => ({ connection, atS: atMs / 1000 }))
      .sort((a, b) => a.atS - b.atS)[0];
  return {
    restrict: first('restricted'),
    block: first('blocked'),
    slow: first('slowed'),
    told: runs.some(({ told }) => told > 0),
    messages,
  };
}
