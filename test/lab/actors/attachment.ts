import { type MailClientArgs, runMailClient } from '../bots/mail-client.ts';
import { newStats, readArgs, runActor } from '../bots/stats.ts';

const given = readArgs<MailClientArgs>();
const args = { attachmentBytes: 20_000_000, count: 1, ...given };
const stats = newStats();
const defaults = { port: 25, everyMs: 1000, from: 'attachment@home.example' };
await runActor(stats, args.durationS, () => runMailClient(args, defaults, stats));
