import { isoTime } from '../engine/iso-time.ts';
import { timeOf, timePattern, type WrittenTime } from '../history/read-time.ts';
import { destinationsIn } from './destination.ts';
import { type Part, partsOf } from './parts.ts';
import { publicAddresses } from './public-addresses.ts';

/** What was found in a notice. */
export interface NoticeReading {
  /** Times, oldest first, as `who` takes them: with `Z` where the notice says the zone. */
  readonly times: readonly string[];
  /** Of the home, as the notice says. */
  readonly address?: string;
  /** To which the mail went. */
  readonly port?: number;
  /** The mail server that got it, where the notice names one alone. */
  readonly to?: string;
  /** What a person has to know of the reading, one sentence each. */
  readonly notes: readonly string[];
}

/** Characters of a notice that are read. */
export const longestNotice = 1_000_000;
const mostLines = 20_000;
const longestLine = 1000;
/** As many as `who` takes. */
const mostTimes = 8;
const mailPorts: readonly number[] = [25, 465, 587, 2525];

const timeLabel =
  /(?:date|time|seen|detect|observ|occur|event|arriv|receiv|stamp|activity|zeit|datum|uhr|heure|fecha|hora)/i;
const sourceLabel = /(?:source|src|offend|infect|origin|your|client|quelle|\bip\b|ip-?addr|address)/i;
const otherLabel = /(?:dest|dst|target|report|server|feedback|user-?agent|message-id|ziel|sinkhole)/i;
/** The rest of a line after a field's name, also of JSON and of quoted text. */
const field = /^[\s>*"'|-]{0,20}([A-Za-z][\w .()/-]{0,40}?)["']?\s{0,20}[:=]\s{0,20}["']?(.*)$/;
interface FoundTime extends WrittenTime {
  /** 3: a field for programs. 2: a line with an address, or a field for people. 1: anywhere. 0: of the notice itself. */
  readonly rank: number;
}

/** Finds what `who` needs in a notice of whatever kind: ARF (RFC 5965), X-ARF, a blocklist's or a provider's own words. Never throws. */
export function readNotice(text: string): NoticeReading {
  const notes: string[] = [];
  if (text.length > longestNotice) notes.push('The notice is very long: only its beginning was read.');
  const lines = partsOf(text.slice(0, longestNotice)).flatMap(({ kind, text: part }) =>
    part.split('\n', mostLines).map((line) => ({ kind, line: line.slice(0, longestLine) })),
  );
  const isAllUtc = lines.some(({ line }) =>
    /\b(?:times?|zeit\w{0,10}|heures?)\b.{0,60}\b(?:UTC|GMT)\b/i.test(line),
  );
  const times: FoundTime[] = [];
  const addresses: { readonly text: string; readonly rank: number }[] = [];
  const destinations = new Set<string>();
  let port: number | undefined;
  for (const { kind, line } of lines.slice(0, mostLines)) {
    const [, name = '', value = ''] = field.exec(line) ?? [];
    times.push(...timesIn(line, kind, name));
    addresses.push(...addressesIn(line, kind, name));
    if (kind !== 'head') port ??= portIn(kind, name, value, line);
    // What the spam says of itself is nothing.
    if (kind === 'text' || kind === 'report')
      for (const one of destinationsIn(name, line)) {
        port ??= one.port;
        destinations.add(one.address);
      }
  }
  const found = best(times);
  if (found[0]?.rank === 0)
    notes.push('Only the time of the notice itself was found: what it is about was earlier.');
  if (found.length > mostTimes)
    notes.push(`It names ${found.length} times; the newest ${mostTimes} are looked for.`);
  const address = addresses
    .filter(({ text: one }) => !destinations.has(one))
    .reduce<(typeof addresses)[number] | undefined>(
      (a, b) => (a === undefined || b.rank > a.rank ? b : a),
      undefined,
    )?.text;
  const [to, ...more] = [...destinations].filter((one) => one !== address);
  const isMail = port === undefined || mailPorts.includes(port);
  if (more.length > 0) notes.push('It names several mail servers: connections to any are looked for.');
  if (!isMail)
    notes.push(`It names port ${port}, which Postern does not watch: perhaps it is not about mail.`);
  return {
    times: found.slice(-mostTimes).map((time) => written(time, isAllUtc)),
    ...(address !== undefined && { address }),
    ...(port !== undefined && isMail && { port }),
    ...(to !== undefined && more.length === 0 && isMail && { to }),
    notes,
  };
}

function timesIn(line: string, kind: Part['kind'], name: string): FoundTime[] {
  const found: FoundTime[] = [];
  for (const parts of line.matchAll(timePattern)) {
    const time = timeOf(parts);
    if (time) found.push({ ...time, rank: rankOf(line, kind, name) });
    if (found.length >= 64) break;
  }
  return found;
}

function rankOf(line: string, kind: Part['kind'], name: string): number {
  switch (kind) {
    case 'head':
      return 0;
    case 'report':
      // When the report was made says nothing.
      return /report|creat|sent/i.test(name) ? 1 : timeLabel.test(name) ? 3 : 2;
    case 'sample':
      // What the sender wrote is nothing; who took the mail in has noted when.
      return /^received$/i.test(name) && publicAddresses(line).length > 0 ? 2 : 1;
    case 'text':
      if (/^(?:date|sent|received|gesendet|from|subject)$/i.test(name) && !/\d\.\d/.test(line)) return 0;
      if (/^(?:arrival|received)-date$/i.test(name)) return 3;
      return publicAddresses(line).length > 0 || timeLabel.test(line.slice(0, 120)) ? 2 : 1;
  }
}

/** Those of the highest rank, each minute once, oldest first. */
function best(times: readonly FoundTime[]): FoundTime[] {
  const rank = times.reduce((highest, time) => Math.max(highest, time.rank), 0);
  const byMinute = new Map(
    times.filter((time) => time.rank === rank).map((time) => [Math.floor(time.ms / 60_000), time]),
  );
  return [...byMinute.values()].sort((a, b) => a.ms - b.ms);
}

function written({ ms, zoned, rough }: WrittenTime, isAllUtc: boolean): string {
  const text = isoTime(ms).slice(0, rough ? 16 : 19);
  return zoned || isAllUtc ? `${text}Z` : text;
}

function addressesIn(line: string, kind: Part['kind'], name: string): { text: string; rank: number }[] {
  if (kind === 'head' || otherLabel.test(name)) return [];
  const isSource = sourceLabel.test(name);
  const rank = isSource ? (kind === 'report' ? 3 : 2) : kind === 'sample' ? 0 : 1;
  return publicAddresses(line)
    .slice(0, 8)
    .map((text) => ({ text, rank }));
}

/** The port at the other end: the home's own says nothing. */
function portIn(kind: Part['kind'], name: string, value: string, line: string): number | undefined {
  if (/port/i.test(name) && !/src|source|report|quell/i.test(name)) {
    const port = Number(/^\D{0,10}(\d{1,5})\b/.exec(value)?.[1]);
    if (port > 0 && port < 65_536) return port;
  }
  if (kind === 'sample') return undefined;
  const port = Number(
    /\b(?:to|on|using|TCP|dst|destination|dest|ziel\w{0,3})[\s-]{1,3}port\s{1,3}(\d{1,5})\b/i.exec(line)?.[1],
  );
  return port > 0 && port < 65_536 ? port : undefined;
}
