import { closeSync, openSync, writeSync } from 'node:fs';
import type { Input, Instant } from './engine/input.ts';
import { encodeInput } from './engine/recording.ts';

/** Writes every input as one line of JSON, for `postern replay` and for bug reports. */
export interface Recorder {
  write(input: Input, at: Instant): void;
  close(): void;
}

/** A recording ends by itself at this size. */
const maxBytes = 64 * 1024 * 1024;

/** A recorder to this file; undefined where none is asked for or the file cannot be written. */
export function openRecorder(path: string | undefined): Recorder | undefined {
  if (path === undefined || path === '') return undefined;
  let fd: number | undefined = openSync(path, 'w', 0o600);
  let bytes = 0;
  const close = () => {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
  };
  return {
    write(input, at) {
      if (fd === undefined) return;
      const line = `${encodeInput(input, at)}\n`;
      bytes += line.length;
      writeSync(fd, line);
      if (bytes > maxBytes) close();
    },
    close,
  };
}
