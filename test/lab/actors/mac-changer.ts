import { type DirectMxArgs, runDirectMx } from '../bots/direct-mx.ts';
import { changeMac, makeAddressChanger } from '../bots/disguise.ts';
import { newStats, readArgs, runActor, type Stats } from '../bots/stats.ts';

/** Arguments of the direct-to-MX bot that changes its MAC, and its addresses too if asked to. */
export interface MacChangerArgs extends DirectMxArgs {
  readonly iface?: string;
  /** 2,000 unless given. */
  readonly everyMs?: number;
  readonly alsoAddresses?: boolean;
}

/** Statistics of the bot, with the MACs it took on, in order. */
export interface MacChangerStats extends Stats {
  macs: string[];
}

const args = readArgs<MacChangerArgs>();
const { iface = 'eth0', everyMs = 2000 } = args;
const stats: MacChangerStats = { ...newStats(), macs: [] };
const changeAddresses = makeAddressChanger(iface);
const disguise = setInterval(() => {
  stats.macs.push(changeMac(iface));
  if (args.alsoAddresses) changeAddresses();
}, everyMs);
await runActor(stats, args.durationS, async () => {
  await runDirectMx(args, stats);
  clearInterval(disguise);
});
