import { mailPortOf } from './numbers.ts';

const mark = ' dport=';

/**
 * Whether a line of conntrack goes to a mail port, found without reading its words: nearly all lines do not. Undefined
 * where it names no port (ICMP, or no line of conntrack at all).
 */
export function portAfterEquals(line: string): 'mail' | 'another' | undefined {
  const at = line.indexOf(mark);
  if (at < 0) return undefined;
  let port = 0;
  for (let index = at + mark.length; index < line.length; index++) {
    const code = line.charCodeAt(index);
    if (code < 48 || code > 57) break;
    port = port * 10 + code - 48;
  }
  return mailPortOf(port) === undefined ? 'another' : 'mail';
}
