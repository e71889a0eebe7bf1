import { deviceBudgets } from '../../daemon/enforcement/budgets.ts';
import type { Bound, Moment } from './fault.ts';

/** A row that needs a kernel of its own: a test of the virtual machine makes it, and holds these bounds. */
export interface MachineFault {
  readonly name: string;
  readonly what: string;
  /** The moments in which it is made. */
  readonly bounds: Readonly<Partial<Record<Moment, Bound>>>;
  readonly tells?: string;
}

/**
 * Under emulation the daemon is twenty times slower, the server's 20 ms are not: at most one message of each of a bot's 8
 * workers, and what takes it a second takes it twenty.
 */
export const emulated: Bound = { leaked: 8, openS: 30 };

/** How long after the first byte of what is written the power fails, each time for another device. */
export const powerCutsMs = [0, 150, 350] as const;

/** Faults that test/vm/router.lab.test.ts makes. */
export const machineFaults = {
  powerCut: {
    name: 'power cut',
    what: `the power fails ${powerCutsMs.join(', ')} ms after the first byte of a ban that is being written; who was held before is held at the next boot, before Node has started and after`,
    bounds: { banned: { leaked: 0, openS: 0 } },
  },
  reboot: {
    name: 'reboot',
    what: 'the daemon ends as the service ends it, and the machine starts again with its clock in 1970; the bots begin before Node, and one when the daemon is there',
    // What the kernel alone gives a stranger until Node has started, and then what the daemon's time to decide lets out: who has
    // a lease gets a budget of its own with it. The latter was forgotten when 20 was written down first; 24 were seen.
    bounds: {
      idle: emulated,
      attack: { leaked: deviceBudgets.default.connections.burst + emulated.leaked, openS: 60 },
      banned: { leaked: 0, openS: 0 },
    },
    tells: '`clock_not_set`',
  },
  offloading: {
    name: 'flow offloading on',
    what: 'as firewall4 has it, in software; the attack is a session that is carried past the rules when its device is blocked: a message each 0.1 s',
    bounds: { idle: emulated, attack: { leaked: 10, openS: 1 }, banned: { leaked: 0, openS: 0 } },
    tells: '`flow_offload`',
  },
} as const satisfies Record<string, MachineFault>;
