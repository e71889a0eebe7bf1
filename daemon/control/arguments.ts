import type { RelayRule } from '../config/config.ts';
import { parseRelayRule } from '../config/relay-rule.ts';

/** How long something shall last: milliseconds, or until the router restarts. */
export type Lasting = number | 'reboot';

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Longer than this is for ever, and permanent words live in the configuration. */
export const longestMs = 365 * unitMs.d;

/** Reads `90s`, `10m`, `1h`, `7d` (milliseconds, at least a second, at most a year) or `reboot`; undefined for anything else. */
export function parseLasting(text: string): Lasting | undefined {
  if (text === 'reboot') return 'reboot';
  const [, count, unit] = /^([1-9]\d{0,7})([smhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  const ms = Number(count) * unitMs[unit as keyof typeof unitMs];
  return ms <= longestMs ? ms : undefined;
}

/** Reads the relay of a request: the same form as in the configuration, `smtp.example.org:587`, `192.0.2.0/24:25`, `[2001:db8::/32]:465`. */
export function parseRelay(text: string): RelayRule | undefined {
  return parseRelayRule(text);
}
