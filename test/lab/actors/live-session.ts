import { type OneSessionArgs, runOneSession } from '../bots/one-session.ts';
import { newStats, readArgs, runActor } from '../bots/stats.ts';

// A session that is under way for a while: its statistics tell to the millisecond when it was cut.
const args = { messages: 500, paceMs: 5, from: 'live@bot.example', ...readArgs<Partial<OneSessionArgs>>() };
const { target = '', durationS = 60 } = args;
const stats = newStats();
await runActor(stats, durationS, () => runOneSession({ ...args, target, durationS }, stats));
