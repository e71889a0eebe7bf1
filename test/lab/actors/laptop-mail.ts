import { type MailClientArgs, runMailClient } from '../bots/mail-client.ts';
import { newStats, readArgs, runActor } from '../bots/stats.ts';

const args = readArgs<MailClientArgs>();
const stats = newStats();
const defaults = { port: 587, everyMs: 1000, from: 'anna@laptop.example' };
await runActor(stats, args.durationS, () => runMailClient(args, defaults, stats));
