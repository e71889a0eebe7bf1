import { type MailClientArgs, runMailClient } from '../bots/mail-client.ts';
import { newStats, readArgs, runActor } from '../bots/stats.ts';

const args = readArgs<MailClientArgs>();
const stats = newStats();
const defaults = { port: 587, everyMs: 5000, from: 'camera@owner.example' };
await runActor(stats, args.durationS, () => runMailClient(args, defaults, stats));
