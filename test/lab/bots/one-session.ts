import { setTimeout as sleep } from 'node:timers/promises';
import { messageText, SessionError, SmtpSocket } from './smtp-socket.ts';
import { countAccepted, countError, type Stats } from './stats.ts';

/** Arguments of a client that sends many messages within one session. */
export interface OneSessionArgs {
  readonly target: string;
  /** 25 unless given. */
  readonly port?: number;
  readonly messages: number;
  /** STARTTLS, and a login after it. */
  readonly startTls?: boolean;
  /** The pause after each message, none unless given. */
  readonly paceMs?: number;
  /** Size of a message in bytes, 700 unless given. */
  readonly messageBytes?: number;
  /** After a failure it opens another session and goes on. */
  readonly reconnect?: boolean;
  readonly from?: string;
  readonly durationS: number;
}

const beforeReconnectMs = 50;

/** Sends `messages` messages, waiting for every reply; ends at the first failure unless it may reconnect. */
export async function runOneSession(args: OneSessionArgs, stats: Stats): Promise<void> {
  const endsAt = performance.now() + args.durationS * 1000;
  while (stats.accepted < args.messages && performance.now() < endsAt) {
    const failed = !(await oneSession(args, endsAt, stats));
    if (failed && !args.reconnect) return;
    if (failed) await sleep(beforeReconnectMs);
  }
}

async function oneSession(args: OneSessionArgs, endsAt: number, stats: Stats): Promise<boolean> {
  const session = new SmtpSocket(args.target, args.port ?? 25);
  stats.attempts += 1;
  try {
    await session.opened();
    stats.connected += 1;
    await introduce(session, args.startTls === true);
    while (stats.accepted < args.messages && performance.now() < endsAt) {
      await sendMessage(session, args);
      countAccepted(stats);
      if (args.paceMs) await sleep(args.paceMs);
    }
    await session.command('QUIT');
    return true;
  } catch (error) {
    countError(stats, error instanceof SessionError ? error.kind : String(error), session.connected);
    return false;
  } finally {
    session.close();
  }
}

async function introduce(session: SmtpSocket, startTls: boolean): Promise<void> {
  await session.expect(2);
  await session.command('EHLO client.example');
  if (!startTls) return;
  await session.command('STARTTLS');
  await session.startTls();
  await session.command('EHLO client.example');
  await session.command(`AUTH PLAIN ${Buffer.from('\0user\0secret').toString('base64')}`);
}

async function sendMessage(session: SmtpSocket, args: OneSessionArgs): Promise<void> {
  const { from = 'session@bot.example' } = args;
  await session.command(`MAIL FROM:<${from}>`);
  await session.command('RCPT TO:<victim@victim.example>');
  await session.command('DATA', 3);
  session.write(messageText(from, 'victim@victim.example', args.messageBytes));
  await session.expect(2);
}
