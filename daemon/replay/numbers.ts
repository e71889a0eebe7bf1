import { type Counters, type MailPort, mailPorts } from '../conntrack/flow.ts';

/** A decimal number of at most 15 digits, which a double holds exactly; undefined for anything else. */
export function countOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** A decimal number with or without a fraction, not negative; undefined for anything else. */
export function secondsOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}(?:\.\d{1,12})?$/.test(text) ? Number(text) : undefined;
}

/** The mail port of that number, or undefined. */
export function mailPortOf(port: number | undefined): MailPort | undefined {
  return port === 25 || port === 587 || port === 465 || port === 2525 ? port : undefined;
}

const digits = new Map<string, MailPort>(mailPorts.map((port) => [String(port), port]));

/** The mail port written there, or undefined. */
export function mailPortIn(text: string | undefined): MailPort | undefined {
  return text === undefined ? undefined : digits.get(text);
}

/** A port number; 0 where it cannot be read, since nothing but the flow's identity hangs on a source port. */
export function sourcePortOf(text: string | undefined): number {
  const port = countOf(text) ?? 0;
  return port < 65_536 ? port : 0;
}

/** Both numbers, or undefined where one is missing. */
export function countersOf(packets: number | undefined, bytes: number | undefined): Counters | undefined {
  return packets === undefined || bytes === undefined ? undefined : { packets, bytes };
}
