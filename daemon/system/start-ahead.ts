import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { type Argv, finish, notStarted, type RunOptions, type RunResult, start } from './process.ts';

/** A program that was started ahead and waits for its input. */
export interface WaitingChild {
  /** False once it ended without having been fed: it is of no use. */
  isAlive(): boolean;
  /** Gives it its whole input, ASCII, and runs it to its end. An empty line may come before the input. Once only. */
  feed(input: string, options: RunOptions): Promise<RunResult>;
  /** Ends it where it was not fed. */
  stop(): void;
}

/**
 * The shell makes a pipe (a here-document is one, in dash, busybox and bash from 5.1), says that it has, and becomes
 * the program, which reads from it. We open the other end by /proc: no name that others could open or replace, and no
 * third process in between. Only where that cannot be done (`way` says so) does `cat` pass on what comes by our socket.
 * When we die the only writing end is gone, at whatever moment, and the program reads an end.
 */
const script = `exec 3<<E

E
echo
read -r way || exit
[ "$way" ] || exec "$0" "$@" <&3 3<&-
cat | "$0" "$@" 3<&-`;

/**
 * Starts a program that will read /dev/stdin: what starting costs is then paid before it matters. Node's own pipes
 * are sockets, which cannot be opened by that name.
 */
export function startAhead(argv: Argv): WaitingChild {
  const child = start(['sh', '-c', script, ...argv], 'pipe');
  if (typeof child === 'string') {
    return { isAlive: () => false, feed: () => Promise.resolve(notStarted(child)), stop: () => undefined };
  }
  let isAlive = true;
  let pipe: number | undefined;
  let isReady = false;
  /** Feeds it as soon as that can be done. */
  let begin: (() => void) | undefined;
  const closePipe = () => {
    if (pipe !== undefined) closeSync(pipe);
    pipe = undefined;
  };
  const dies = () => {
    isAlive = false;
    closePipe();
  };
  child.once('exit', dies).once('error', dies);
  // It may end before it read everything; its exit code tells what became of it.
  child.stdin.on('error', () => undefined);
  child.stdout.once('data', () => {
    pipe = openPipe(`/proc/${child.pid}/fd/3`);
    if (pipe === undefined) child.stdin.write('cat\n');
    else child.stdin.end('\n');
    isReady = true;
    begin?.();
  });
  return {
    isAlive: () => isAlive,
    feed(input, options) {
      if (!isAlive) return Promise.resolve(notStarted(`${argv[0]} ended before it was fed`));
      const write = () => {
        if (pipe === undefined) child.stdin.end(input);
        else writeAll(pipe, input);
        pipe = undefined;
      };
      const result = finish(child, options);
      if (isReady) {
        write();
        return result;
      }
      begin = write;
      return result.then((ended) => ({ ...ended, stdout: ended.stdout.replace('\n', '') }));
    },
    stop() {
      // At the end of its input it ends, and with it whatever else the shell started.
      child.stdin.end();
      closePipe();
    },
  };
}

/** The writing end of a pipe of which a process has the reading end. */
function openPipe(path: string): number | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    if (fstatSync(fd).isFIFO()) return fd;
  } catch {
    // No /proc, or no right to it.
  }
  if (fd !== undefined) closeSync(fd);
  return undefined;
}

/** Writes and closes: at once what the pipe takes (64 KiB), which a ban is far below, the rest as it is read. */
function writeAll(pipe: number, input: string): void {
  let sent = 0;
  try {
    sent = writeSync(pipe, input);
  } catch {
    // Its reader is gone.
  }
  if (sent === 0 || sent === input.length) {
    closeSync(pipe);
    return;
  }
  const rest = new Socket({ fd: pipe, readable: false, writable: true });
  rest.on('error', () => undefined);
  rest.write(input.slice(sent), 'latin1', () => rest.destroy());
}
