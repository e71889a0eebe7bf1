import { type OneSessionArgs, runOneSession } from '../bots/one-session.ts';
import { newStats, readArgs, runActor } from '../bots/stats.ts';

const args = readArgs<OneSessionArgs>();
const stats = newStats();
await runActor(stats, args.durationS, () => runOneSession(args, stats));
