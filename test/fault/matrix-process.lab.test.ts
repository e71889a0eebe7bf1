import { processFaults } from './faults-process.ts';
import { describeFaults } from './matrix.ts';

describeFaults(processFaults);
