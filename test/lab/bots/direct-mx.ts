import { setTimeout as sleep } from 'node:timers/promises';
import { messageText, SessionError, SmtpSocket } from './smtp-socket.ts';
import { countAccepted, countError, type Stats } from './stats.ts';

/** Arguments of the direct-to-MX bot. */
export interface DirectMxArgs {
  /** Mail servers, visited in turn; IPv4, IPv6 or both. */
  readonly targets: readonly string[];
  /** 25 unless given. */
  readonly port?: number;
  /** Parallel sessions, 8 unless given. */
  readonly workers?: number;
  /** Sessions begun a second by all workers together; as many as possible unless given. */
  readonly ratePerS?: number;
  /** Sends the whole dialogue as soon as the connection is open, not even waiting for the greeting. */
  readonly impatient?: boolean;
  /** Messages attempted at most, 100,000 unless given. */
  readonly maxMessages?: number;
  readonly from?: string;
  readonly durationS: number;
}

// A failed session costs a worker this long, so that refusals make no busy loop.
const afterFailureMs = 5;

/** Sends one message a session to one target after the other, until `args` says it is enough. */
export async function runDirectMx(args: DirectMxArgs, stats: Stats): Promise<void> {
  const { workers = 8, maxMessages = 100_000, ratePerS } = args;
  const startedAt = performance.now();
  const endsAt = startedAt + args.durationS * 1000;
  const work = async () => {
    while (stats.attempts < maxMessages && performance.now() < endsAt) {
      const number = stats.attempts;
      stats.attempts += 1;
      if (ratePerS !== undefined) await sleep(startedAt + (number * 1000) / ratePerS - performance.now());
      const target = args.targets[number % args.targets.length];
      if (target === undefined) throw new Error('the bot has no targets');
      if (!(await deliver(args, target, stats))) await sleep(afterFailureMs);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
}

async function deliver(args: DirectMxArgs, target: string, stats: Stats): Promise<boolean> {
  const session = new SmtpSocket(target, args.port ?? 25);
  try {
    await session.opened();
    stats.connected += 1;
    await (args.impatient ? blurt(session, args) : converse(session, args));
    countAccepted(stats);
    return true;
  } catch (error) {
    countError(stats, error instanceof SessionError ? error.kind : String(error), session.connected);
    return false;
  } finally {
    session.close();
  }
}

async function converse(session: SmtpSocket, { from = 'bot@bot.example' }: DirectMxArgs): Promise<void> {
  await session.expect(2);
  await session.command('EHLO bot.example');
  await session.command(`MAIL FROM:<${from}>`);
  await session.command('RCPT TO:<victim@victim.example>');
  await session.command('DATA', 3);
  session.write(messageText(from, 'victim@victim.example'));
  await session.expect(2);
  session.write('QUIT\r\n');
}

async function blurt(session: SmtpSocket, { from = 'bot@bot.example' }: DirectMxArgs): Promise<void> {
  session.write(
    [
      ...['EHLO bot.example', `MAIL FROM:<${from}>`, 'RCPT TO:<victim@victim.example>', 'DATA'],
      `${messageText(from, 'victim@victim.example')}QUIT\r\n`,
    ].join('\r\n'),
  );
  // Greeting, EHLO, MAIL, RCPT, DATA, message.
  for (const expected of [2, 2, 2, 2, 3, 2]) await session.expect(expected);
}
