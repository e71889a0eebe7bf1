import { type DirectMxArgs, runDirectMx } from '../bots/direct-mx.ts';
import { newStats, readArgs, runActor } from '../bots/stats.ts';

const args = readArgs<DirectMxArgs>();
const stats = newStats();
await runActor(stats, args.durationS, () => runDirectMx(args, stats));
