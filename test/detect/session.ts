import type { Counters } from '../../daemon/conntrack/flow.ts';
import type { Chance } from './chance.ts';
import type { MadeFlow } from './family.ts';

/** How one connection went, in the numbers that a router sees, and the truth about it. */
export type Session = Pick<MadeFlow, 'state' | 'durationS' | 'out' | 'back' | 'messages'>;

/*
 * Packets are built from the dialogue (RFC 5321, 3207, 8446), not from the estimator that is to be tested: one packet a
 * command, a body in segments of 1,448 bytes, 52 bytes of headers (IPv4, TCP with time stamps), 60 for a SYN. What a
 * stack may or may not merge or acknowledge apart is drawn. The sessions of the M57 trace (one message in 16 to 20
 * packets and 2 to 8 kB out) and the short ones of Neris (8 packets, 415 bytes out; 4 packets, 535 bytes back) lie within.
 */
const headers = 52;
const synBytes = 60;
const segment = 1_448;

/** Nobody answers: three SYNs in 9 s as in the Neris trace (Windows), or five in 31 s as Linux sends before it is told to stop. */
export function silence(chance: Chance): Session {
  const isWindows = chance.is(0.5);
  const packets = isWindows ? 3 : 5;
  return {
    state: 'timeout',
    durationS: isWindows ? chance.between(8.9, 9.1) : 31,
    out: { packets, bytes: packets * (isWindows ? 48 : synBytes) },
    back: { packets: 0, bytes: 0 },
    messages: 0,
  };
}

/** A reset answers the SYN. */
export function refusal(chance: Chance): Session {
  return {
    state: 'refused',
    durationS: chance.between(0.01, 0.2),
    out: { packets: 1, bytes: synBytes },
    back: { packets: 1, bytes: 40 },
    messages: 0,
  };
}

/** The server speaks, and takes nothing: at its greeting, at MAIL or at RCPT, where block lists and unknown users show. */
export function turnedAway(chance: Chance): Session {
  const talk = startTalk(chance);
  const commands = chance.pick([0, 2, 3, 3]);
  for (let command = 0; command < commands; command++) say(talk, chance, chance.whole(12, 45));
  return ended(talk, chance, 0);
}

/** STARTTLS or TLS at once, a login, and the server's no. */
export function badLogin(chance: Chance): Session {
  const talk = startTalk(chance);
  handshake(talk, chance);
  say(talk, chance, chance.whole(60, 110));
  return ended(talk, chance, 0);
}

/** What a session that delivers carries. */
export interface Load {
  readonly messages: number;
  /** Bytes of each message with its headers. */
  readonly bytes: number;
  /** With a login over TLS, as submission is; else plain, as most of port 25. */
  readonly login: boolean;
}

/** Messages go through. */
export function delivery(chance: Chance, { messages, bytes, login }: Load): Session {
  const talk = startTalk(chance);
  if (login) {
    handshake(talk, chance);
    say(talk, chance, chance.whole(60, 110));
  } else say(talk, chance, chance.whole(12, 40));
  for (let message = 0; message < messages; message++) {
    say(talk, chance, chance.whole(30, 60));
    say(talk, chance, chance.whole(25, 50));
    say(talk, chance, 6);
    const size = Math.max(300, Math.round(bytes * chance.between(0.9, 1.1)));
    const segments = Math.ceil(size / segment);
    send(talk, segments, size);
    // The peer acknowledges every second segment.
    hear(talk, Math.ceil(segments / 2), 0);
    if (chance.is(0.5)) send(talk, 1, 5);
    hear(talk, 1, chance.whole(30, 80));
  }
  return ended(talk, chance, messages);
}

interface Talk {
  out: Counters;
  back: Counters;
  seconds: number;
}

function send(talk: Talk, packets: number, payload: number): void {
  talk.out = { packets: talk.out.packets + packets, bytes: talk.out.bytes + packets * headers + payload };
}

function hear(talk: Talk, packets: number, payload: number): void {
  talk.back = { packets: talk.back.packets + packets, bytes: talk.back.bytes + packets * headers + payload };
}

/** A command and its reply, which is acknowledged apart in a third of the cases: else the next command carries it. */
function say(talk: Talk, chance: Chance, payload: number): void {
  send(talk, 1, payload);
  hear(talk, 1, chance.whole(20, 80));
  if (chance.is(0.33)) send(talk, 1, 0);
  talk.seconds += chance.between(0.02, 0.4);
}

/** The three packets of TCP and the greeting. */
function startTalk(chance: Chance): Talk {
  const talk: Talk = {
    out: { packets: 2, bytes: synBytes + headers },
    back: { packets: 1, bytes: synBytes },
    seconds: 0.05,
  };
  hear(talk, 1, chance.whole(40, 120));
  if (chance.is(0.5)) send(talk, 1, 0);
  return talk;
}

/** EHLO, STARTTLS in half of the cases, ClientHello (517 bytes where padded), certificates of 3 to 5 kB, Finished, EHLO again. */
function handshake(talk: Talk, chance: Chance): void {
  if (chance.is(0.5)) {
    say(talk, chance, chance.whole(12, 40));
    say(talk, chance, 10);
  }
  send(talk, 1, chance.pick([230, 320, 517, 517]));
  hear(talk, 3, chance.whole(2_700, 4_500));
  send(talk, chance.whole(1, 2), 0);
  send(talk, 1, chance.whole(74, 130));
  hear(talk, 1, chance.whole(60, 300));
  say(talk, chance, chance.whole(35, 60));
  talk.seconds += chance.between(0.05, 0.3);
}

/** QUIT in four cases of five, and the end of the connection. */
function ended(talk: Talk, chance: Chance, messages: number): Session {
  if (chance.is(0.8)) say(talk, chance, 6);
  send(talk, 2, 0);
  hear(talk, 2, 0);
  return {
    state: 'established',
    durationS: talk.seconds + chance.exponential(0.5),
    out: talk.out,
    back: talk.back,
    messages,
  };
}
