import { canonicalIp } from '../address/ip.ts';
import { detached } from '../conntrack/canonical-text.ts';
import { createLineSplitter } from '../replay/split-lines.ts';
import { isDnsName } from './public-suffix.ts';

/** An address that the router's DNS gave out, and the names it was found by: the one asked for, then its aliases. */
export interface Reply {
  readonly names: readonly string[];
  readonly address: string;
}

/** Reads dnsmasq's log as it is written (`log-queries`). Who asked is in it, and is passed over. */
export interface ReplyReader {
  /** Takes the next piece of the log, cut anywhere, and gives the replies that it completes. */
  push(text: string, take: (reply: Reply) => void): void;
}

/** dnsmasq's own lines stay far below. */
const longestLine = 2048;
/** A longer row of aliases leads nowhere. */
const mostAliases = 8;

/**
 * The whole line, as dnsmasq writes it to a file of its own. Devices choose the names they ask for and what they call
 * themselves, spaces and all, and a shared system log has lines of programs that print worse. Not the lines that begin
 * with a file's path either: odhcpd's holds the names of devices.
 */
const form =
  /^\w{3} [ \d]\d [\d:]{8} dnsmasq\[(\d+)\]: (?:(\d+) \S+ )?(?:reply|cached|cached-stale|config) (\S+) is (\S+)$/;

/** A reader at the start of a log. */
export function createReplyReader(): ReplyReader {
  const splitter = createLineSplitter(longestLine);
  let query: string | undefined;
  let aliases: string[] = [];

  function read(line: string, take: (reply: Reply) => void): void {
    const [, process, serial, text = '', value = ''] = form.exec(line) ?? [];
    if (!isDnsName(text)) return;
    // What is kept of it for hours must not hold on to all that was read with it.
    const name = detached(text);
    // Only `log-queries=extra` numbers the queries. Without, nobody can tell which alias a line goes on from.
    const present = serial === undefined ? undefined : `${process} ${serial}`;
    if (present === undefined || present !== query) aliases = [];
    query = present;
    if (value === '<CNAME>') {
      if (!aliases.includes(name) && aliases.length < mostAliases) aliases.push(name);
      return;
    }
    const address = canonicalIp(value);
    if (address !== undefined) take({ names: [...aliases, name], address });
  }

  return {
    push(text, take) {
      splitter.push(text, (line) => read(line, take));
    },
  };
}
