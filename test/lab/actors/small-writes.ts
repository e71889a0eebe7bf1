import { runSmallWrites, type SmallWritesArgs } from '../bots/small-writes.ts';
import { newStats, readArgs, runActor } from '../bots/stats.ts';

const args = readArgs<SmallWritesArgs>();
const stats = newStats();
await runActor(stats, args.durationS, () => runSmallWrites(args, stats));
