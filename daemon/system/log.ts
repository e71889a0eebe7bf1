import { writeSync } from 'node:fs';
import { printable } from '../control/printable.ts';

/** From the least to the most serious. */
const levels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof levels)[number];

/** Writes one line for people; lines below the level are not made. */
export interface Log {
  readonly write: (level: LogLevel, text: string) => void;
  readonly setLevel: (level: LogLevel) => void;
  /** Lines that could not be written, because whoever reads them was too slow or is gone. */
  readonly lost: () => number;
}

/** Writes a whole line to a file descriptor, or throws. */
export type LineWriter = (fd: 1 | 2, line: string) => void;

/** Longer lines are cut: logd keeps 1,024 bytes. */
const maxLength = 900;

/**
 * A log in plain words, one line each, without time and program: OpenWrt's logd adds both. procd gives what comes on
 * stderr a higher severity, so warnings and errors go there. Nothing in a line can start another or move a cursor.
 */
export function createLog(level: LogLevel, writeLine: LineWriter = writeSync): Log {
  let threshold = levels.indexOf(level);
  let lost = 0;
  return {
    write(lineLevel, text) {
      const rank = levels.indexOf(lineLevel);
      if (rank < threshold) return;
      const prefix = lineLevel === 'info' ? '' : `${lineLevel}: `;
      try {
        writeLine(rank >= 2 ? 2 : 1, `${prefix}${printable(text).slice(0, maxLength)}\n`);
      } catch {
        // EAGAIN or EPIPE: the guard does not wait for its log.
        lost++;
      }
    },
    setLevel(next) {
      threshold = levels.indexOf(next);
    },
    lost: () => lost,
  };
}
