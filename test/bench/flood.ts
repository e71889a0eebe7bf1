import { deviceBudgets } from '../../daemon/enforcement/budgets.ts';
import { freshGuard } from '../guard/bots.ts';
import { type Flood, floods, type Outcome, underFlood } from '../guard/under-flood.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import type { Bench } from './bench-types.ts';
import { rounded } from './numbers.ts';

/**
 * Whether a bot is caught, and what the daemon needs for it, while the home is flooded: with connections that are no
 * mail (masked in the kernel, and read since another program listens), invented MACs, invented sources, a full ledger
 * and a full conntrack table.
 */
export const flood: Bench = {
  name: 'flood',
  about: 'whether a bot is caught while the home is flooded, and what memory and time the daemon needs',
  async run(say, { only }) {
    const outcomes: Outcome[] = [];
    for (const one of Object.values(floods).filter(({ name }) => only === undefined || name === only)) {
      // A lab each: what one flood left in the kernel is not the next one's.
      const lab = await startLab({ delayMs: 20 });
      try {
        const outcome = await run(lab, one);
        outcomes.push(outcome);
        say(`${one.name}: ${describe(outcome)}`);
      } finally {
        await lab.stop();
      }
    }
    const most = (read: (outcome: Outcome) => number) => Math.max(...outcomes.map(read));
    return {
      runs: outcomes.length,
      caught: outcomes.filter(({ caught }) => caught).length,
      rss_mb: rounded(
        most(({ rssMb }) => rssMb),
        1,
      ),
      missed: outcomes.reduce((sum, { missed }) => sum + missed, 0),
      missed_bound: outcomes.length * deviceBudgets.iot.connections.burst,
      held_after_ms: most(({ heldAfterMs }) => heldAfterMs),
      idle_after_s: rounded(most(({ idleAfterMs }) => idleAfterMs) / 1000, 1),
    };
  },
};

async function run(lab: Lab, one: Flood): Promise<Outcome> {
  for (const state of ['time_wait', 'close'])
    await lab.run('router', ['sysctl', '-q', `net.netfilter.nf_conntrack_tcp_timeout_${state}=0`]);
  if (one.isListenedTo) lab.spawn('router', ['sh', '-c', 'exec conntrack -E >/dev/null 2>&1']);
  return underFlood(lab, await freshGuard(lab), one);
}

function describe({
  caught,
  heldAfterMs,
  missed,
  attempts,
  rssMb,
  idleAfterMs,
  told,
  flooded,
}: Outcome): string {
  const held = caught ? `held after ${heldAfterMs} ms` : 'NOT held';
  return `${flooded}; bot ${held}, ${missed} messages of ${attempts}; ${rssMb.toFixed(1)} MB, idle after ${(idleAfterMs / 1000).toFixed(1)} s; told: ${told.join(', ') || 'nothing'}`;
}
