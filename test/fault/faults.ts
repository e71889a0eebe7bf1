import type { Fault } from './fault.ts';
import { networkFaults } from './faults-network.ts';
import { processFaults } from './faults-process.ts';

/** Every row of the matrix that namespaces can carry; what needs a kernel of its own is in faults-machine.ts. */
export const faults: readonly Fault[] = [...processFaults, ...networkFaults];
