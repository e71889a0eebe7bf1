import { createReadStream, type ReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { constants, createGunzip } from 'node:zlib';

/** One open file of text. */
export interface LogFile {
  /** The next piece as latin1 text, where every byte is a character; undefined at the end. Rejects where it cannot be read. */
  readonly next: () => Promise<string | undefined>;
  /** Bytes of the file that were read so far, packed as they are. */
  readonly bytesRead: () => number;
  readonly close: () => void;
}

const chunkBytes = 256 * 1024;

/** Opens a file, gzipped or not, which its first two bytes tell. A gzip that is cut short gives what is there. */
export async function openLogFile(path: string): Promise<LogFile> {
  const isGzip = await isGzipped(path);
  const file = createReadStream(path, { highWaterMark: chunkBytes });
  const stream = isGzip ? unpacked(file) : file;
  const chunks = stream.setEncoding('latin1')[Symbol.asyncIterator]();
  return {
    async next() {
      const { done, value } = await chunks.next();
      return done ? undefined : String(value);
    },
    bytesRead: () => file.bytesRead,
    close() {
      stream.destroy();
      file.destroy();
    },
  };
}

function unpacked(file: ReadStream) {
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: chunkBytes });
  file.on('error', (error) => gunzip.destroy(error));
  return file.pipe(gunzip);
}

async function isGzipped(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}
