import type { MailPort } from '../conntrack/flow.ts';
import type { PortClass } from './table.ts';

/**
 * The port class of the test: M for relay (25), S for submission (465, 587). Undefined for 2525, which never scores:
 * browsers open it, so a web page could frame a laptop.
 */
export function portClassOf(port: MailPort): PortClass | undefined {
  if (port === 25) return 'M';
  return port === 2525 ? undefined : 'S';
}
