import type { Prefix } from '../address/prefix.ts';
import type { DeviceClass, Preset } from '../config/config.ts';
import type { ReplayFlow } from './replay-flow.ts';

/** How a log is judged. */
export interface ReplayOptions {
  /** The class of every device, as if its network's owner had said so; absent: as the daemon guesses it. */
  readonly class?: DeviceClass;
  readonly preset: Preset;
  /** Who is at home; empty: private sources, and where a log has none, all of its sources. */
  readonly lan: readonly Prefix[];
  /** What the guard would have refused gets no further, and comes as refused attempts. */
  readonly enforce: boolean;
  /** When the home's line was down, as somebody knows: flows cannot show it. The daemon's gate is played, too. */
  readonly outages?: readonly Outage[];
  /** Told of each flow that the guard let begin, when it is over, with the share of it, 0 to 1, that went through. */
  readonly ended?: (flow: ReplayFlow, share: number) => void;
}

/** From when to when nothing arrived from outside, seconds since the epoch. */
export interface Outage {
  readonly fromS: number;
  readonly toS: number;
}
