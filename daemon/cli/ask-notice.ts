import { closeSync, openSync, readSync } from 'node:fs';
import { isatty } from 'node:tty';
import { printable } from '../control/printable.ts';
import type { Request } from '../control/request.ts';
import type { NoticeReading } from '../notice/read-notice.ts';
import { askDaemon, type Terminal } from './ask.ts';
import { exitCodes } from './exit-codes.ts';

/** What read-notice.ts offers: what few people ever need is a file of its own. */
export interface NoticeModule {
  readonly readNotice: (text: string) => NoticeReading;
}

/** `postern who` with a notice. */
export interface NoticeAsking {
  readonly file: string;
  readonly args: Request['args'];
  readonly socket: string;
  readonly json: boolean;
}

/** More of a notice is not read: what is looked for stands before the attached pictures. */
const mostBytes = 4 * 1024 * 1024;

/** Reads the notice here, where it needs no rights, and asks the daemon about the times that it names. */
export async function askNotice(
  { file, args, socket, json }: NoticeAsking,
  terminal: Terminal,
  { readNotice }: NoticeModule,
): Promise<number> {
  let text: string;
  if (file === '-' && isatty(0)) terminal.err('Paste the notice, then press Enter and Ctrl-D.\n');
  try {
    text = readAtMost(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    terminal.err(`postern: the notice cannot be read: ${printable(reason)}\n`);
    return exitCodes.refused;
  }
  const { times, address, port, to, notes } = readNotice(text);
  if (times.length === 0) {
    terminal.err(
      'postern: no time was found in the notice\nGive it: postern who --at "2026-11-21 14:02:03 UTC".\n',
    );
    return exitCodes.refused;
  }
  const about = address === undefined ? '' : ` about ${address}`;
  if (!json)
    terminal.out(`Found in the notice${about}: ${times.length === 1 ? '1 time' : `${times.length} times`}\n`);
  for (const note of notes) if (!json) terminal.out(`- ${note}\n`);
  const server = to !== undefined && { to };
  const asked = { ...(port !== undefined && { port }), ...server, ...args, at: times.join(';') };
  return await askDaemon({ verb: 'who', args: asked, socket, json }, terminal);
}

function readAtMost(file: string): string {
  const fd = file === '-' ? 0 : openSync(file, 'r');
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    while (size < mostBytes) {
      const chunk = Buffer.alloc(65_536);
      const read = readSync(fd, chunk);
      if (read === 0) break;
      chunks.push(chunk.subarray(0, read));
      size += read;
    }
  } finally {
    if (fd !== 0) closeSync(fd);
  }
  return Buffer.concat(chunks).toString('utf8');
}
