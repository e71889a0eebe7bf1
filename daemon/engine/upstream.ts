import type { DeviceKey } from '../address/device-key.ts';
import { noteUnproven } from './checkpoint.ts';
import type { DeviceRecord } from './device-record.ts';

/**
 * Whether anything arrives from upstream. In an outage every server is silent, so a phone that looks for its mail looks
 * like a bot: evidence of contacts after which nothing has arrived yet is unproven, and is taken back when the kernel's
 * counter of arrivals has stood still for 10 s. While that lasts the gate is closed: a contact counts once it is answered.
 *
 * Nobody at home can close it to his own good. Any answer to anybody moves the counter, so behind a closed gate no
 * mail gets through; and the first answer opens it, and brings back the contact that was answered.
 */
export interface Upstream {
  /** The counter at the last reading. Undefined: nothing was read, or nothing ever arrived; then the gate stays open. */
  arrivals: number | undefined;
  /** The last reading, and the first one that had its value. */
  readMs: number;
  stillMs: number;
  /** Something arrived after every contact made until then. */
  provenMs: number;
  /** When a reading was asked for last, and how often since the last one came. */
  askedMs: number;
  missed: number;
  probedMs: number;
  /** A link of an upstream network is up. */
  linked: boolean;
  /** An outage: nothing counts. */
  closed: boolean;
  /** Devices with unproven evidence, at most {@link maxUnproven}; that of others counts for good. */
  readonly unproven: Set<DeviceKey>;
}

export const maxUnproven = 64;

const never = Number.NEGATIVE_INFINITY;

/** Nothing read yet. */
export const newUpstream = (): Upstream => ({
  arrivals: undefined,
  readMs: never,
  stillMs: never,
  provenMs: never,
  askedMs: never,
  missed: 0,
  probedMs: never,
  linked: true,
  closed: false,
  unproven: new Set(),
});

/** Whether contacts are looked at for an outage. */
export const isWatching = ({ arrivals, closed }: Upstream) => arrivals !== undefined || closed;

/** Until when a SYN may be called unanswered: a later one may lack its answer because nobody gets any. */
export const silenceUntil = (upstream: Upstream, nowMs: number) =>
  isWatching(upstream) ? upstream.provenMs : nowMs;

/** Before a contact is taken as evidence. */
export function beforeContact(upstream: Upstream, record: DeviceRecord, nowMs: number): void {
  const { unproven, readMs } = upstream;
  if (!isWatching(upstream) || (unproven.size >= maxUnproven && !unproven.has(record.key))) return;
  unproven.add(record.key);
  noteUnproven(record, readMs, nowMs);
}
