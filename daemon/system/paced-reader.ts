import type { Readable } from 'node:stream';
import { monotonicMs } from './clock.ts';

/** How often a stream may wake the process. */
export interface Pace {
  /** Wakes in a row that are free: a quiet stream is always read at once. */
  readonly burst: number;
  /** What one wake costs in time once the free ones are used up: reading rests for so long between wakes. */
  readonly restMs: number;
}

/** The socket below a child's output. */
interface Handle {
  readStop(): unknown;
  readStart(): unknown;
}

/**
 * Delivers what arrives, as latin1 text: at once while little arrives, and in batches while much does.
 *
 * conntrack flushes each line with a write of its own, so at 5,000 connections a second a plain reader is woken
 * 10,000 times a second and burns more than conntrack itself. Once `burst` wakes are used up (they come back at one
 * per `restMs`) reading stops for `restMs` after each wake; what arrives meanwhile waits in the socket and is read
 * in one piece.
 *
 * `Readable.pause()` would not do: a paused socket is read on until its buffer is full, with a wake for each line.
 * So the handle itself is stopped, which has no public name; where a Node has no such handle, reading is not paced.
 */
export function readPaced(stream: Readable, pace: Pace, onText: (text: string) => void): void {
  let freeWakes = pace.burst;
  let lastMs = monotonicMs();
  let timer: NodeJS.Timeout | undefined;
  const rest = () => {
    const handle = handleOf(stream);
    if (!handle) return;
    handle.readStop();
    // One timer for the stream's life: this runs a hundred times a second.
    if (timer) timer.refresh();
    else timer = setTimeout(() => handleOf(stream)?.readStart(), pace.restMs);
  };
  stream.on('data', (chunk: Buffer) => {
    onText(chunk.toString('latin1'));
    const nowMs = monotonicMs();
    freeWakes = Math.min(pace.burst, freeWakes + (nowMs - lastMs) / pace.restMs) - 1;
    lastMs = nowMs;
    if (freeWakes < 1) rest();
  });
}

/** The handle while the stream lives. */
function handleOf(stream: Readable): Handle | undefined {
  const handle = (stream as { _handle?: Partial<Handle> | null })._handle;
  const isKnown = typeof handle?.readStop === 'function' && typeof handle.readStart === 'function';
  return isKnown ? (handle as Handle) : undefined;
}
