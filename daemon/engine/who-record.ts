import type { DeviceKey } from '../address/device-key.ts';
import type { DeviceClass, DeviceRule } from '../config/config.ts';

/** Everything about a device that is not its mail: who it is to people, and what its owner said of it. */
export interface Who {
  readonly name: string;
  /** The name alone, without maker and tail: what a person would type. */
  readonly shortName: string | undefined;
  readonly vendor: string | undefined;
  readonly randomised: boolean;
  readonly network: string | undefined;
  readonly class: DeviceClass;
  readonly classReason: string;
  /** Only a guess speaks for the class. */
  readonly guessed: boolean;
  /** What to call it, one of our own words: "camera". */
  readonly noun: string;
  readonly exempt: boolean;
  /** A route leads through it: what it sends may be anybody's. */
  readonly gateway: boolean;
  readonly rule: DeviceRule['action'];
  /** Two devices claim its address, or it is seen in two places. */
  readonly conflict: boolean;
  /** The extender, or other carrier, whose MAC it has to the router: it is known by its address. */
  readonly behind: DeviceKey | undefined;
  /** How many devices share its MAC and are known by their addresses. */
  readonly carries: number;
}
