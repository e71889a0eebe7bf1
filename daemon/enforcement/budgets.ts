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
 * Sizes of the packets that carry an SMTP command rather than an attachment, with headers: 53 to 500 bytes over
 * IPv4. A bare acknowledgement is 40 to 52 bytes there, "DATA" 58 (46 without TCP timestamps), and a segment of a
 * large message is full. A SYN counts as well. An IPv6 header is 20 bytes longer. Measured: within one session a
 * message costs 3 such packets (MAIL, RCPT, DATA; 2 without timestamps), a session of one mail 5 to 12 of them with
 * its TLS and login, and an attachment of 20 MB adds at most 3, over both families, at 25, 465 and 587. Not counted is a
 * client that pipelines (RFC 2920) a message, its dot and the next MAIL, RCPT and DATA in one write of more than 500 bytes:
 * by size it is an attachment. One such session sent 2,000 of 2,000 messages past this alone; see docs/limits.md.
 */
export const commandBytes = { 4: [53, 500], 6: [73, 520] } as const;

/**
 * What a device may do that is neither exempt nor at one of its relays, by class.
 *
 * `default`: 20 connections at once let a mail client with a dozen accounts start; 30 an hour is a poll of each
 * outbox every 20 minutes. 240 command packets are what 20 sessions of one mail need, so that honest senders meet
 * neither limit before the other; in one session they are 79 messages (119 without timestamps), and 120 an hour are
 * 40 more: above what people write, far below what pays for a spammer. `iot`: a thing that mails its owner sends 120
 * alarms on a bad night through a relay it is known at, which no budget counts; elsewhere 10 connections and 60
 * command packets (five mails, or 19 messages of one session) serve its first use of a new relay.
 */
export const deviceBudgets = {
  default: { connections: { perHour: 30, burst: 20 }, commands: { perHour: 120, burst: 240 } },
  iot: { connections: { perHour: 10, burst: 10 }, commands: { perHour: 30, burst: 60 } },
} as const satisfies Record<string, Budget>;

/**
 * What all strangers of one guarded network may do together, whatever MACs they claim: more than one device's worth,
 * so that one that has used up its own budget leaves something for the rest, and a device that changes its MAC gains
 * half a budget, not one a MAC. 480 command packets are what 40 sessions of one mail need: an office of 20 that
 * comes up at once, two accounts each (decision 17). With no daemon 160 messages at most of clients that send a packet for
 * each command: not of one that pipelines, see {@link commandBytes}.
 */
export const strangerBudgets = {
  default: { connections: { perHour: 60, burst: 40 }, commands: { perHour: 240, burst: 480 } },
  iot: { connections: { perHour: 20, burst: 20 }, commands: { perHour: 60, burst: 120 } },
} as const satisfies Record<string, Budget>;

/**
 * Sessions at port 25 that one device may begin with servers it does not know, whatever its class: two at once, then two a
 * second. What is above waits for TCP to repeat it, and nothing is refused (decision 18).
 */
export const openings: Rate = { perHour: 7200, burst: 2 };

/** What a server sends until its client speaks: the answer to the SYN, and its greeting. */
export const greetingPackets = [1, 2] as const;

/** A slowed device: about five messages an hour, three of them at once: enough to notice, and to send a password reset. */
export const slowedCommands: Rate = { perHour: 30, burst: 20 };

/**
 * One reply of a cut flow's server still goes through, every later one is answered with a reset. The device answers the
 * first and so meets the refusal at once; without it a device that waits for a reply has nothing to send, and learns
 * of the cut from its own retransmission (240 ms) or not before it gives up.
 */
export const firstReply: Rate = { perHour: 1, burst: 1 };
