/** A token bucket as nft's `limit rate over` takes it: tokens an hour, and how many may be spent at once. */
export interface Rate {
  readonly perHour: number;
  readonly burst: number;
}

/** The two currencies of a budget: new mail connections, and command packets. */
export interface Budget {
  readonly connections: Rate;
  readonly commands: Rate;
}

/**
 * Sizes of the packets that carry an SMTP command rather than an attachment, with headers: 61 to 500 bytes over
 * IPv4. A bare acknowledgement is 40 to 52 bytes there and a SYN 60; a segment of a message body is larger than
 * 500. An IPv6 header is 20 bytes longer. (A message costs five to seven such packets, of whatever size it is.)
 */
export const commandBytes = { 4: [61, 500], 6: [81, 520] } as const;

/**
 * What a device may do that is neither exempt nor at one of its relays, by class.
 *
 * `default`: 20 connections at once let a mail client with a dozen accounts start; 30 an hour is a poll of each
 * outbox every 20 minutes. 240 command packets are about 35 messages, 120 an hour about 18 more: above what
 * people write, far below what pays for a spammer. `iot`: a thing that mails its owner sends 120 alarms on a bad
 * night through a relay it is known at, which no budget counts; elsewhere 10 connections and 60 command packets
 * (8 messages) serve its first use of a new relay.
 */
export const deviceBudgets = {
  default: { connections: { perHour: 30, burst: 20 }, commands: { perHour: 120, burst: 240 } },
  iot: { connections: { perHour: 10, burst: 10 }, commands: { perHour: 30, burst: 60 } },
} as const satisfies Record<string, Budget>;

/**
 * What all strangers of one guarded network may do together, whatever MACs they claim: two devices' worth, so
 * that one that has used up its own budget leaves as much again for the rest, and a device that changes its MAC
 * gains one budget, not one a MAC.
 */
export const strangerBudgets = {
  default: { connections: { perHour: 60, burst: 40 }, commands: { perHour: 240, burst: 480 } },
  iot: { connections: { perHour: 20, burst: 20 }, commands: { perHour: 60, burst: 120 } },
} as const satisfies Record<string, Budget>;

/** A slowed device: about five messages an hour, three of them at once: enough to notice, and to send a password reset. */
export const slowedCommands: Rate = { perHour: 30, burst: 20 };

/**
 * One reply of a cut flow's server still goes through, every later one is answered with a reset. The device answers the
 * first and so meets the refusal at once; without it a device that waits for a reply has nothing to send, and learns
 * of the cut from its own retransmission (240 ms) or not before it gives up.
 */
export const firstReply: Rate = { perHour: 1, burst: 1 };
