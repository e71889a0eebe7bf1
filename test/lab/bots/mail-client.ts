import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { countAccepted, countError, type Stats } from './stats.ts';

/** Arguments of an honest sender: one mail at a time, a new connection each, through a relay. */
export interface MailClientArgs {
  /** Relays taken in turn (addresses or names). */
  readonly relays: readonly string[];
  readonly port?: number;
  /** From the beginning of one mail to the beginning of the next. */
  readonly everyMs?: number;
  /** Mails sent at most, 10,000 unless given. */
  readonly count?: number;
  readonly from?: string;
  /** The address to send from, the host's own unless given. */
  readonly localAddress?: string;
  /** When the first mail begins; at once unless given. */
  readonly firstAtMs?: number;
  /** For how long it waits for a connection and for a greeting, 3 s unless given. */
  readonly patienceMs?: number;
  /** Size of an attachment, none unless given. */
  readonly attachmentBytes?: number;
  readonly durationS: number;
}

/** What differs between the kinds of clients. */
export type MailClientDefaults = Required<Pick<MailClientArgs, 'port' | 'everyMs' | 'from'>>;

/** Sends mails at their times, whether or not earlier ones are through; ends when all have ended. */
export async function runMailClient(
  given: MailClientArgs,
  defaults: MailClientDefaults,
  stats: Stats,
): Promise<void> {
  const args = { ...defaults, ...given };
  const startedAt = performance.now();
  const sending: Promise<void>[] = [];
  for (let number = 0; number < (args.count ?? 10_000); number += 1) {
    await sleep(startedAt + (args.firstAtMs ?? 0) + number * args.everyMs - performance.now());
    if (performance.now() - startedAt >= args.durationS * 1000) break;
    sending.push(sendOne(args, number, stats));
  }
  await Promise.all(sending);
}

async function sendOne(
  args: MailClientArgs & MailClientDefaults,
  number: number,
  stats: Stats,
): Promise<void> {
  stats.attempts += 1;
  const patienceMs = args.patienceMs ?? 3000;
  // Submission asks for TLS and a login; a relay on port 25 knows its customers by their address.
  const submission = args.port !== 25;
  const transport = createTransport({
    host: args.relays[number % args.relays.length] ?? '',
    port: args.port,
    secure: args.port === 465,
    requireTLS: submission && args.port !== 465,
    ignoreTLS: !submission,
    tls: { rejectUnauthorized: false },
    ...(submission ? { auth: { user: 'user', pass: 'secret' } } : {}),
    ...(args.localAddress === undefined ? {} : { localAddress: args.localAddress }),
    ...{ connectionTimeout: patienceMs, greetingTimeout: patienceMs, socketTimeout: 10_000 + patienceMs },
  });
  const content = args.attachmentBytes === undefined ? undefined : Buffer.alloc(args.attachmentBytes, 'x');
  try {
    await transport.sendMail({
      from: args.from,
      to: 'owner@owner.example',
      subject: `Mail ${number + 1}`,
      text: 'Something moved in front of the house.',
      attachments: content ? [{ filename: 'clip.mp4', content }] : [],
    });
    stats.connected += 1;
    countAccepted(stats);
  } catch (error) {
    countError(stats, kindOf(error), true);
  } finally {
    transport.close();
  }
}

function kindOf(error: unknown): string {
  const { responseCode, code, message } = error as { responseCode?: number; code?: string; message?: string };
  // nodemailer names any failure of the socket ESOCKET; the kernel's word is in the message.
  return String(responseCode ?? /\bE[A-Z]{5,}\b/.exec(message ?? '')?.[0] ?? code ?? 'error');
}
