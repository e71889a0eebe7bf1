import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { constants, createGunzip } from 'node:zlib';

/** One open file of text. */
export interface LogFile {
  /** The next piece as latin1 text, where every byte is a character; undefined at the end. Rejects where it cannot be read. */
  readonly next: () => Promise<string | undefined>;
  /** Bytes of the file that were read so far, packed as they are. */
  readonly bytesRead: () => number;
  readonly close: () => void;
}

const readBytes = 256 * 1024;
/** Texts that are longer are born old to V8's collector, and stay for as long. */
const textBytes = 64 * 1024;

/** Opens a file, gzipped or not, which its first two bytes tell. A gzip that is cut short gives what is there. */
export async function openLogFile(path: string): Promise<LogFile> {
  const handle = await open(path, 'r');
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  const isGzip = bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  return inTexts(isGzip ? unpacked(path, handle) : plain(handle));
}

/** Bytes in large pieces, which may be overwritten when the next one is asked for. */
interface Pieces {
  next(): Promise<Buffer | undefined>;
  bytesRead(): number;
  close(): void;
}

function inTexts({ next, bytesRead, close }: Pieces): LogFile {
  let piece: Buffer | undefined;
  let at = 0;
  return {
    async next() {
      if (!piece || at >= piece.length) {
        at = 0;
        piece = await next();
        if (!piece) return undefined;
      }
      const text = piece.toString('latin1', at, Math.min(piece.length, at + textBytes));
      at += textBytes;
      return text;
    },
    bytesRead,
    close,
  };
}

/** The next piece is read while the one before is looked at. */
function plain(handle: FileHandle): Pieces {
  const buffers = [Buffer.allocUnsafeSlow(readBytes), Buffer.allocUnsafeSlow(readBytes)] as const;
  let turn: 0 | 1 = 0;
  let position = 0;
  let given = 0;
  let ahead: Promise<Buffer> | undefined;

  async function read(): Promise<Buffer> {
    const buffer = buffers[turn];
    turn = turn === 0 ? 1 : 0;
    const { bytesRead } = await handle.read(buffer, 0, readBytes, position);
    position += bytesRead;
    return buffer.subarray(0, bytesRead);
  }

  return {
    async next() {
      const piece = await (ahead ?? read());
      given += piece.length;
      ahead = piece.length === 0 ? undefined : read();
      // Whoever asks for it learns of the fault.
      ahead?.catch(() => undefined);
      return piece.length === 0 ? undefined : piece;
    },
    bytesRead: () => given,
    close: () => void handle.close(),
  };
}

function unpacked(path: string, handle: FileHandle): Pieces {
  void handle.close();
  const file = createReadStream(path, { highWaterMark: readBytes });
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: readBytes });
  file.on('error', (error) => gunzip.destroy(error));
  const chunks = file.pipe(gunzip)[Symbol.asyncIterator]();
  return {
    async next() {
      const { done, value } = await chunks.next();
      return done ? undefined : (value as Buffer);
    },
    bytesRead: () => file.bytesRead,
    close() {
      gunzip.destroy();
      file.destroy();
    },
  };
}
