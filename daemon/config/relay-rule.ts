import { parsePrefix } from '../address/prefix.ts';
import { type MailPort, mailPorts } from '../conntrack/flow.ts';
import type { RelayRule } from './config.ts';

const form = /^(?:\[([0-9A-Fa-f:./]+)\]|([A-Za-z0-9._/-]+)):(\d{1,5})$/;
const hostForm =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A domain of at most 63 characters in lower case; undefined for anything else. */
export function parseDomain(text: string): string | undefined {
  const domain = text.toLowerCase();
  return domain.length < 64 && hostForm.test(domain) ? domain : undefined;
}

/**
 * Reads `smtp.example.org:587`, `192.0.2.0/24:25` or `[2001:db8::/32]:465`; undefined for anything else, for a
 * port that carries no mail, and for a prefix of length 0 (that would be an exemption, and there is a word for it).
 */
export function parseRelayRule(text: string): RelayRule | undefined {
  const match = form.exec(text);
  const port = mailPorts.find((mailPort: MailPort) => String(mailPort) === match?.[3]);
  if (!match || port === undefined) return undefined;
  const target = match[1] ?? match[2] ?? '';
  const prefix = parsePrefix(target);
  if (prefix) {
    const bracketed = match[1] !== undefined;
    return prefix.length > 0 && bracketed === (prefix.family === 6) ? { prefix, port } : undefined;
  }
  const host = target.toLowerCase();
  return match[1] === undefined && hostForm.test(host) ? { host, port } : undefined;
}
