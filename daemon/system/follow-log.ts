import {
  closeSync,
  constants,
  type FSWatcher,
  fstatSync,
  openSync,
  readSync,
  type Stats,
  statSync,
  watch,
} from 'node:fs';
import { Socket } from 'node:net';
import { type Pace, readPaced } from './paced-reader.ts';

/** Who is told. */
export interface LogOwner {
  /** What was written since the last call, latin1, cut anywhere. */
  text(text: string): void;
  /** Why nothing can be read now; undefined once it can. */
  trouble(reason: string | undefined): void;
}

/** A log that is being followed. */
export interface FollowedLog {
  stop(): void;
}

/** How often the path is looked at: the writer may have begun a new file, or there was none. */
const lookMs = 2000;
/** A writer that goes faster than this is not waited for: what is left behind of a file is passed over. */
const mostBehind = 256 * 1024;
const chunk = Buffer.allocUnsafe(16 * 1024);
const pace: Pace = { burst: 16, restMs: 10 };

/**
 * Follows a file from its present end, over rotation and truncation, or reads a FIFO; until stopped, whatever happens to
 * either. Never waits: a FIFO is opened for both ways, so that neither its missing writer nor its end is anything to wait for,
 * and the writer finds a reader as long as this process lives.
 */
export function followLog(path: string, owner: LogOwner): FollowedLog {
  let open: Opened | undefined;
  let known: string | undefined = '';

  function look(): void {
    const found = attempt(() => statSync(path));
    open?.read();
    if (!open || typeof found === 'string' || !open.isSame(found)) {
      open?.close();
      open = undefined;
      const isNew = known !== '';
      const made = typeof found === 'string' ? found : attempt(() => openLog(path, found, isNew, owner));
      if (typeof made !== 'string') open = made;
      tell(typeof made === 'string' ? made : undefined);
    }
  }
  function tell(reason: string | undefined): void {
    if (reason !== known) owner.trouble(reason);
    known = reason;
  }
  look();
  const timer = setInterval(look, lookMs);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      open?.close();
    },
  };
}

/** One file or FIFO that is open. */
interface Opened {
  isSame(found: Stats): boolean;
  read(): void;
  close(): void;
}

function openLog(path: string, found: Stats, isNew: boolean, owner: LogOwner): Opened {
  if (found.isFIFO()) return openFifo(path, owner);
  if (!found.isFile()) throw new Error('neither a file nor a FIFO');
  return openFile(path, isNew, owner);
}

function openFifo(path: string, owner: LogOwner): Opened {
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const { ino } = fstatSync(fd);
  const socket = new Socket({ fd, readable: true, writable: false });
  socket.unref();
  let isOver = false;
  socket
    .on('error', () => undefined)
    .on('close', () => {
      isOver = true;
    });
  readPaced(socket, pace, (text) => owner.text(text));
  return {
    isSame: (now) => !isOver && now.ino === ino,
    read: () => undefined,
    close: () => socket.destroy(),
  };
}

function openFile(path: string, isNew: boolean, owner: LogOwner): Opened {
  const fd = openSync(path, constants.O_RDONLY);
  const { ino, size } = fstatSync(fd);
  // What was written before the start is of no use; what is in a new file was written after the old one.
  let at = isNew ? 0 : size;
  const readOn = () => {
    const end = fstatSync(fd).size;
    if (end < at) at = 0;
    if (end - at > mostBehind) at = end - mostBehind;
    while (at < end) {
      const count = readSync(fd, chunk, 0, chunk.length, at);
      if (count === 0) return;
      at += count;
      owner.text(chunk.toString('latin1', 0, count));
    }
  };
  const read = () => void attempt(readOn);
  // Where the kernel cannot tell of changes, looking now and then has to do.
  const watcher = attempt((): FSWatcher => watch(path, { persistent: false }, read));
  if (typeof watcher !== 'string') watcher.on('error', () => undefined);
  read();
  return {
    isSame: (now) => now.ino === ino,
    read,
    close() {
      if (typeof watcher !== 'string') watcher.close();
      closeSync(fd);
    },
  };
}

function attempt<T>(make: () => T): T | string {
  try {
    return make();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
