import { networkFaults } from './faults-network.ts';
import { describeFaults } from './matrix.ts';

describeFaults(networkFaults);
