import { publicAddresses } from './public-addresses.ts';

/** Where mail went, as a line of a notice says. */
export interface Destination {
  readonly address: string;
  readonly port?: number;
}

const fieldName = /^(?:dest|dst|target|ziel)(?!.{0,20}port)/i;
/** In words and in logs: "to 192.0.2.25:25", "-> [2001:db8::25]:25". */
const arrow =
  /(?:->|=>|\u2192|\b(?:to|towards?|nach|an|vers|hacia))\s{1,3}(?:(?:the|ip|host|server|address|adresse)\s{1,3}){0,3}/gi;

/** The mail servers that a line names as the other end. `name`: of the field that it is, if it is one. */
export function destinationsIn(name: string, line: string): Destination[] {
  if (fieldName.test(name)) return firstOf(line.slice(line.search(/[:=]/) + 1));
  const found: Destination[] = [];
  for (const match of line.matchAll(arrow)) {
    const rest = line.slice(match.index + match[0].length);
    if (/^\[?[0-9a-f]{0,4}[.:]/i.test(rest)) found.push(...firstOf(rest));
    if (found.length >= 8) break;
  }
  return found;
}

/** The first address, and the port right behind it. */
function firstOf(text: string): Destination[] {
  const [address] = publicAddresses(text.slice(0, 80));
  if (address === undefined) return [];
  const behind = text.slice(text.indexOf(address) + address.length);
  const port = Number(/^(?:\]?:|,? (?:TCP )?port )(\d{1,5})\b/i.exec(behind)?.[1]);
  return [{ address, ...(port > 0 && port < 65_536 && { port }) }];
}
