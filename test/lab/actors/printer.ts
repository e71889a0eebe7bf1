import { type MailClientArgs, runMailClient } from '../bots/mail-client.ts';
import { newStats, readArgs, runActor } from '../bots/stats.ts';

const args = readArgs<MailClientArgs>();
const stats = newStats();
const defaults = { port: 25, everyMs: 1000, from: 'printer@isp.example' };
await runActor(stats, args.durationS, () => runMailClient(args, defaults, stats));
