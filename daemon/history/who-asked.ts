import type { MailPort } from '../conntrack/flow.ts';
import { readTime, type WrittenTime } from './read-time.ts';
import type { Asked } from './search.ts';
import type { Address } from './seen.ts';
import { shortAddress } from './short-address.ts';
import { fromLocal, type Zone } from './zone.ts';

/** The most times that one question may have. */
export const mostTimes = 8;
/** Clocks that are set differ by less, and the history counts in minutes. */
const usualMs = 120_000;
const ports: readonly number[] = [25, 465, 587, 2525];

/** The arguments of `who` that ask for a time. */
export interface WhoArguments {
  /** One time, or several parted by `;`. */
  readonly at: string;
  readonly port?: number | undefined;
  readonly to?: string | undefined;
}

/** What is asked for, or what is wrong with it. */
export type ReadAsked =
  | { readonly asked: readonly Asked[]; readonly notes: readonly string[] }
  | { readonly fault: string; readonly remedy: string };

/** Reads what is asked for. A time without a zone is taken to be of the router's. */
export function readAsked({ at, port, to }: WhoArguments, zone: Zone): ReadAsked {
  if (port !== undefined && !ports.includes(port))
    return { fault: `${port} is no port that is watched`, remedy: 'Give 25, 465, 587 or 2525.' };
  const address = to === undefined ? undefined : shortAddress(to.trim());
  if (to !== undefined && !address)
    return {
      fault: `"${to.slice(0, 40)}" is no address`,
      remedy: 'Give an address such as 192.0.2.25 or 2001:db8::25.',
    };
  const texts = at.split(';').filter((text) => text.trim() !== '');
  if (texts.length > mostTimes)
    return { fault: `${texts.length} times`, remedy: `Give at most ${mostTimes}.` };
  const asked: Asked[] = [];
  const notes: string[] = [];
  for (const text of texts) {
    const read = readTime(text);
    if (!read)
      return {
        fault: `"${text.trim().slice(0, 40)}" is no time`,
        remedy: 'Write 2026-11-21T14:02:03Z, "2026-11-21 15:02" or "Sat, 21 Nov 2026 14:02:03 +0100".',
      };
    asked.push(...askedAt(read, zone, port as MailPort | undefined, address, notes));
  }
  if (asked.length === 0)
    return { fault: 'No time was given', remedy: 'Give one, such as 2026-11-21T14:02:03Z.' };
  return { asked: asked.slice(0, mostTimes), notes: [...new Set(notes)] };
}

function askedAt(
  read: WrittenTime,
  zone: Zone,
  port: MailPort | undefined,
  to: Address | undefined,
  notes: string[],
): Asked[] {
  const times = read.zoned ? [read.ms] : fromLocal(read.ms, zone);
  if (!read.zoned) notes.push(`No time zone was given: it was taken to be this router's (${zone.name}).`);
  if (times.length > 1)
    notes.push('That local time came twice, when summer time ended: both were looked for.');
  return times.map((atMs) => ({
    atMs: read.rough ? atMs + 30_000 : atMs,
    uncertaintyMs: usualMs + (read.rough ? 30_000 : 0),
    ...(port !== undefined && { port }),
    ...(to && { to }),
  }));
}
