import type { ReplayFlow } from '../../../daemon/replay/replay-flow.ts';

/** Where a rule fires for the first time. */
export interface Firing {
  /** Of the device's mail connections, the first being 1. */
  readonly connection: number;
  /** When, seconds since the epoch: at the connection's start, or at its end where the rule waits for that. */
  readonly atS: number;
}

/** What somebody else's guard would do with the flows of one device, in the order of their starts. */
export interface Rule {
  /** Key of the figures. */
  readonly name: string;
  /** For people. */
  readonly about: string;
  firstFiring(flows: readonly ReplayFlow[]): Firing | undefined;
}
