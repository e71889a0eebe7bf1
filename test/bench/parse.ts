import { setTimeout as sleep } from 'node:timers/promises';
import { type Guard, startGuard } from '../guard/guard.ts';
import { childrenOf } from '../lab/holder.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import type { Bench } from './bench-types.ts';
import { rounded } from './numbers.ts';
import { cpuMs, nameOf } from './process-usage.ts';

const windowS = 10;
const rates = [200, 1000, 5000] as const;
/** After a flood: what the daemon does by itself then is not reading. */
const restMs = 3000;
/** After a start, which is not to be measured: V8 tidies up 8 s after the last of it. */
const startedMs = 12_000;

/**
 * What reading conntrack's events costs the daemon, while the TV opens connections that are no mail: its processor
 * time over that of the conntrack process it reads from, in the same 10 seconds. Once with all events, as where a
 * second program listens to conntrack; once with the kernel's mask, and then of both processes together.
 */
export const parse: Bench = {
  name: 'parse',
  about: 'processor time of reading events of 200, 1,000 and 5,000 connections a second',
  async run(say) {
    const lab = await startLab();
    try {
      const other = lab.spawn('router', ['conntrack', '-E', '-p', 'udp']);
      const open = await startGuard(lab, { name: 'open' });
      await sleep(startedMs);
      const ratios: number[] = [];
      for (const rate of rates) {
        const used = await under(lab, open, rate);
        ratios.push(rounded(used.daemonMs / used.conntrackMs, 2));
        say(`${rate} a second (${used.attained} attained): ${describe(used)}, ratio ${ratios.at(-1)}`);
      }
      await open.stop();
      await other.stop();
      const masked = await startGuard(lab, { name: 'masked' });
      await sleep(startedMs);
      const used = await under(lab, masked, 5000);
      const percent = (used.daemonMs + used.conntrackMs) / (windowS * 10);
      say(`masked, 5000 a second (${used.attained} attained): ${describe(used)}`);
      await masked.stop();
      return {
        cpu_ratio_200: ratios[0] ?? Number.NaN,
        cpu_ratio_1000: ratios[1] ?? Number.NaN,
        cpu_ratio_5000: ratios[2] ?? Number.NaN,
        masked_core_percent: rounded(percent, 2),
      };
    } finally {
      await lab.stop();
    }
  },
};

interface Used {
  readonly daemonMs: number;
  readonly conntrackMs: number;
  /** Connections a second. */
  readonly attained: number;
}

function describe({ daemonMs, conntrackMs }: Used): string {
  return `daemon ${daemonMs} ms, conntrack ${conntrackMs} ms of processor time in ${windowS} s`;
}

async function under(lab: Lab, guard: Guard, rate: number): Promise<Used> {
  await lab.clearConntrack();
  await sleep(restMs);
  const flood = await lab.actor('tv', 'connection-flood', {
    host: lab.addresses.closed4,
    rate,
    durationS: windowS + 2,
  });
  await sleep(1000);
  const daemon = await guard.process.hostPid();
  const conntrack = await conntrackOf(daemon);
  const read = () => Promise.all([cpuMs(daemon), cpuMs(conntrack)]);
  const [daemonBefore, conntrackBefore] = await read();
  await sleep(windowS * 1000);
  const [daemonAfter, conntrackAfter] = await read();
  const { ratePerS } = await flood.done;
  return {
    daemonMs: daemonAfter - daemonBefore,
    conntrackMs: conntrackAfter - conntrackBefore,
    attained: ratePerS,
  };
}

/** The daemon's event reader: a listing of the moment is a child of that name too, but a younger one. */
async function conntrackOf(daemon: number): Promise<number> {
  for (const pid of await childrenOf(daemon)) if ((await nameOf(pid)) === 'conntrack') return pid;
  throw new Error('the daemon reads from no conntrack');
}
