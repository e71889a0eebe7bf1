import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { maxReceivedBytes, type Timers } from '../mqtt/broker-port.ts';
import { createPacketFilter } from './packet-filter.ts';
import { systemTimers } from './timers.ts';

/** What is handled in one piece: some 80 of the smallest messages, which takes a slow router 10 ms. */
const pieceBytes = 4096;
/** Time that may go to the broker at once, as much as our own documents take when they are read back after connecting. */
const freeMs = 100;
/** The part of the time that goes to it for long. */
const share = 0.25;

/**
 * The stream between mqtt.js and a socket to the broker. Packets that we would not want to keep in memory are passed over before
 * they are whole. Whoever has a login may send us 20,000 messages a second, and each takes mqtt.js 40 microseconds on the one
 * thread that guards the home: so they are read in small pieces, and above {@link freeMs} only for a {@link share} of the
 * time. What does not fit waits at the broker, which drops what is too much.
 */
export function brokerStream(socket: Socket, timers: Timers = systemTimers): Duplex {
  const filter = createPacketFilter(maxReceivedBytes);
  /** What was read and not handled yet; the socket rests meanwhile. */
  let waiting: Buffer = Buffer.alloc(0);
  let isEnded = false;
  let isFull = false;
  /** A piece is being handled, or its rest is not over. */
  let isBusy = false;
  let creditMs = freeMs;
  let countedMs = timers.nowMs();

  const stream = new Duplex({
    read() {
      isFull = false;
      next();
    },
    // The parts of a packet go together: each by itself would wait for the acknowledgement of the one before.
    writev: (parts, done) => void socket.write(Buffer.concat(parts.map(({ chunk }) => chunk)), done),
    final: (done) => void socket.end(done),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });

  function next(): void {
    if (isBusy || isFull || stream.destroyed) return;
    if (waiting.length === 0) {
      if (isEnded) stream.push(null);
      else socket.resume();
      return;
    }
    isBusy = true;
    const startedMs = timers.nowMs();
    const piece = waiting.subarray(0, pieceBytes);
    waiting = waiting.subarray(pieceBytes);
    for (const part of filter(piece)) if (!stream.push(part)) isFull = true;
    // By then mqtt.js has handled it: it goes on in ticks.
    setImmediate(() => {
      const restMs = restAfter(startedMs);
      if (restMs > 0) timers.after(restMs, goOn);
      else goOn();
    });
  }

  function goOn(): void {
    isBusy = false;
    next();
  }

  /** How long reading rests after a piece, in milliseconds. */
  function restAfter(startedMs: number): number {
    const nowMs = timers.nowMs();
    creditMs = Math.min(freeMs, creditMs + (nowMs - countedMs) * share) - (nowMs - startedMs);
    // Whatever else stopped the process meanwhile, for a minute perhaps, is not the broker's to make good.
    creditMs = Math.max(creditMs, -freeMs);
    countedMs = nowMs;
    return creditMs < 0 ? -creditMs / share : 0;
  }

  socket.on('data', (chunk: Buffer) => {
    socket.pause();
    waiting = Buffer.concat([waiting, chunk]);
    next();
  });
  socket.on('end', () => {
    isEnded = true;
    next();
  });
  socket.on('error', (error) => stream.destroy(error));
  socket.on('close', () => stream.destroy());
  return stream;
}
