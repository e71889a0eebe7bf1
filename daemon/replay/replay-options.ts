import type { Prefix } from '../address/prefix.ts';
import type { DeviceClass, Preset } from '../config/config.ts';

/** How a log is judged. */
export interface ReplayOptions {
  /** The class of every device, as if its network's owner had said so; absent: as the daemon guesses it. */
  readonly class?: DeviceClass;
  readonly preset: Preset;
  /** Who is at home; empty: private sources, and where a log has none, all of its sources. */
  readonly lan: readonly Prefix[];
  /** What the guard would have refused gets no further, and comes as refused attempts. */
  readonly enforce: boolean;
}
