import { setTimeout as sleep } from 'node:timers/promises';
import { acceptedFrom, cleanSlate, senderOf } from '../guard/bots.ts';
import { type Guard, startGuard } from '../guard/guard.ts';
import type { ActorArgs } from '../lab/actor-types.ts';
import type { Stats } from '../lab/bots/stats.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { readMeter, startMeter } from '../lab/meter.ts';
import { makeOffice } from '../lab/office.ts';
import type { Bench } from './bench-types.ts';
import { mailsOfOffice } from './office-mails.ts';

const modes = ['unguarded', 'daemon stopped', 'daemon running'] as const;
type Mode = (typeof modes)[number];

interface Scenario {
  readonly name: string;
  /** The device whose path to the router carries packets of so many bytes at most. */
  readonly mtu?: number;
  run(lab: Lab, mode: Mode): Promise<Stats>;
}

/**
 * What honest mail costs in the currencies of the budgets, and what of it the kernel refuses; and what bots get out
 * with the same figures.
 */
export const budgets: Bench = {
  name: 'budgets',
  about:
    'what honest mail and bots spend of the budgets, and what of it is refused, with and without the daemon',
  async run(say, { only }) {
    const lab = await startLab({ delayMs: 5 });
    const figures: Record<string, number> = {};
    try {
      const desks = await makeOffice(lab, 20);
      for (const host of ['printer', 'camera'] as const)
        await lab.run(host, ['ip', 'link', 'set', 'eth0', 'gso_max_segs', '1']);
      const office: Scenario = {
        name: 'office',
        run: async (at) => {
          const { done } = await at.actor('laptop', 'office', {
            clients: mailsOfOffice(at, desks, 3),
            durationS: 32,
          });
          return done;
        },
      };
      for (const scenario of [office, ...things].filter(({ name }) => only === undefined || name === only)) {
        for (const mode of modes) {
          const { stats, spent, told } = await runOne(lab, scenario, mode);
          const { attempts, accepted, errors } = stats;
          say(
            `${scenario.name}, ${mode}: ${accepted} of ${attempts} mails; spent ${spent.connections} connections, ${spent.commands} command packets, ${spent.replies} replies ${JSON.stringify(errors)}${told}`,
          );
          const key = `${scenario.name}_${mode}`.replaceAll(/\W+/g, '_');
          figures[`${key}_refused`] = attempts - accepted;
          if (mode === 'unguarded') figures[`${key}_commands`] = spent.commands;
        }
      }
      return figures;
    } finally {
      await lab.stop();
    }
  },
};

async function runOne(lab: Lab, scenario: Scenario, mode: Mode) {
  await cleanSlate(lab);
  let guard: Guard | undefined;
  if (mode !== 'unguarded') {
    guard = await startGuard(lab, { name: `${scenario.name}-${mode}`.replaceAll(/\W+/g, '-') });
    await sleep(1000);
  }
  if (mode === 'daemon stopped') await guard?.stop();
  await startMeter(lab);
  const stats = await scenario.run(lab, mode);
  await sleep(300);
  const spent = await readMeter(lab);
  const lines = mode === 'daemon running' ? (guard?.process.lines ?? []).slice(-6) : [];
  if (mode === 'daemon running') await guard?.stop();
  return { stats, spent, told: lines.map((line) => `\n    ${line}`).join('') };
}

/** A mail with an attachment from the printer, with the path's MTU. */
function scan(
  name: string,
  port: number,
  mtu: number,
  more: Partial<ActorArgs['attachment']> = {},
): Scenario {
  return {
    name,
    async run(lab) {
      await lab.run('printer', [
        'ip',
        'route',
        'replace',
        'default',
        'via',
        '192.168.1.1',
        'dev',
        'eth0',
        'mtu',
        'lock',
        String(mtu),
      ]);
      const { done } = await lab.actor('printer', 'attachment', {
        relays: [lab.addresses.ownerRelay],
        ...{ port, attachmentBytes: 40_000_000, count: 2, everyMs: 10_000, durationS: 30, ...more },
      });
      return done;
    },
  };
}

function camera(name: string, port: number, more: Partial<ActorArgs['small-writes']> = {}): Scenario {
  return {
    name,
    async run(lab) {
      const target = lab.addresses.ownerRelay;
      const { done } = await lab.actor('camera', 'small-writes', {
        target,
        port,
        count: 2,
        durationS: 20,
        ...more,
      });
      return done;
    },
  };
}

function bot(name: string, more: Partial<ActorArgs['one-session-bot']>): Scenario {
  return {
    name,
    async run(lab) {
      const { done } = await lab.actor('visitor', 'one-session-bot', {
        ...{ target: lab.addresses.ownerRelay, messages: 5000, reconnect: true, durationS: 10 },
        ...{ from: senderOf('visitor'), ...more },
      });
      const stats = await done;
      return { ...stats, accepted: await acceptedFrom(lab, 'visitor') };
    },
  };
}

const things: readonly Scenario[] = [
  scan('scanner 25', 25, 1500),
  scan('scanner 587', 587, 1500),
  scan('scanner 25 552', 25, 552),
  scan('scanner 25 500', 25, 500),
  camera('camera 25', 25),
  camera('camera 587', 587),
  bot('one session', {}),
];
