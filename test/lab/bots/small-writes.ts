import { setTimeout as sleep } from 'node:timers/promises';
import { SessionError, SmtpSocket } from './smtp-socket.ts';
import { countAccepted, countError, type Stats } from './stats.ts';

/** Arguments of a thing that mails a picture and knows no buffers: whatever it writes becomes a packet of its own. */
export interface SmallWritesArgs {
  readonly target: string;
  /** 25 unless given; anything else is submission, with STARTTLS and a login. */
  readonly port?: number;
  /** Size of the picture before base64, 200,000 unless given. */
  readonly pictureBytes?: number;
  /** Of each write, 100 unless given. */
  readonly writeBytes?: number;
  /** Mails, each in a session of its own; 1 unless given. */
  readonly count?: number;
  readonly from?: string;
  readonly durationS: number;
}

/** Sends one mail after the other; one that fails is not tried again. */
export async function runSmallWrites(args: SmallWritesArgs, stats: Stats): Promise<void> {
  for (let number = 0; number < (args.count ?? 1); number += 1) await sendOne(args, stats);
}

async function sendOne(args: SmallWritesArgs, stats: Stats): Promise<void> {
  const { target, port = 25, from = 'camera@home.example', pictureBytes = 200_000, writeBytes = 100 } = args;
  const session = new SmtpSocket(target, port);
  stats.attempts += 1;
  try {
    await session.opened();
    stats.connected += 1;
    await session.expect(2);
    await session.command('EHLO camera');
    if (port !== 25) {
      await session.command('STARTTLS');
      await session.startTls();
      await session.command('EHLO camera');
      await session.command(`AUTH PLAIN ${Buffer.from('\0user\0secret').toString('base64')}`);
    }
    await session.command(`MAIL FROM:<${from}>`);
    await session.command('RCPT TO:<owner@owner.example>');
    await session.command('DATA', 3);
    const text = pictureMail(from, pictureBytes);
    for (let at = 0; at < text.length; at += writeBytes) {
      if (session.failed) break;
      session.write(text.slice(at, at + writeBytes));
      // Its processor is busy with the picture: a write leaves before the next one is ready to join it.
      await sleep(1);
    }
    await session.expect(2);
    countAccepted(stats);
    await session.command('QUIT');
  } catch (error) {
    countError(stats, error instanceof SessionError ? error.kind : String(error), session.connected);
  } finally {
    session.close();
  }
}

function pictureMail(from: string, bytes: number): string {
  const picture = Buffer.alloc(bytes, 'picture').toString('base64').replace(/.{76}/g, '$&\r\n');
  return `From: <${from}>\r\nTo: <owner@owner.example>\r\nSubject: Alarm\r\n\r\n${picture}\r\n.\r\n`;
}
