import { type DownloadArgs, newDownloadStats, runDownload } from '../bots/download.ts';
import { readArgs, runActor } from '../bots/stats.ts';

const args = readArgs<DownloadArgs>();
const stats = newDownloadStats();
await runActor(stats, args.durationS, () => runDownload(args, stats));
