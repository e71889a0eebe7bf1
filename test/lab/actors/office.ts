import { type MailClientArgs, runMailClient } from '../bots/mail-client.ts';
import { newStats, readArgs, runActor } from '../bots/stats.ts';

/** Arguments of many mail clients in one process, each with an address of its own (see makeOffice). */
export interface OfficeArgs {
  readonly clients: readonly Omit<MailClientArgs, 'durationS'>[];
  readonly durationS: number;
}

const { clients, durationS } = readArgs<OfficeArgs>();
const stats = newStats();
const defaults = { port: 587, everyMs: 1000, from: 'office@office.example' };
await runActor(stats, durationS, async () => {
  await Promise.all(clients.map((client) => runMailClient({ ...client, durationS }, defaults, stats)));
});
