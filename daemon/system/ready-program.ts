import {
  type Argv,
  type FedChild,
  finish,
  notStarted,
  type RunOptions,
  type RunResult,
  start,
} from './process.ts';

/** A program that is run again and again, with its next process started ahead. */
export interface ReadyProgram {
  /** Runs it to its end. Never rejects. Two runs at once are two processes. */
  run(options: RunOptions): Promise<RunResult>;
  /** Ends the process that waits. */
  close(): void;
}

/** After the first run, which belongs to the daemon's start, the next process is not yet started. */
const startMs = 1000;

/** The shell becomes the program when it is told to; when we die it reads an end, and ends. */
const script = 'read -r go && exec "$0" "$@"';

/**
 * Starting a process costs Node some 5 ms, and ten times as much on a router that is busy. Where an answer decides
 * how much spam gets out it is paid before: a shell waits, and only the program itself has to be loaded. The first
 * process is started by the first run, the second `restMs` after it.
 */
export function readyProgram(argv: Argv, restMs = startMs): ReadyProgram {
  let waiting: FedChild | undefined;
  let isFirst = true;
  let isClosed = false;
  const prepare = () => {
    if (isClosed || waiting) return;
    const next = ahead();
    if (typeof next !== 'string') waiting = next;
  };
  const ahead = (): FedChild | string => {
    const child = start(['sh', '-c', script, ...argv], 'pipe');
    if (typeof child === 'string') return child;
    const dies = () => {
      if (waiting === child) waiting = undefined;
    };
    child.once('exit', dies).once('error', dies);
    // It may end before it was told anything.
    child.stdin.on('error', () => undefined);
    return child;
  };
  return {
    async run(options) {
      const child = waiting ?? ahead();
      waiting = undefined;
      if (typeof child === 'string') return notStarted(child);
      child.stdin.end('\n');
      const result = await finish(child, options);
      if (isFirst) setTimeout(prepare, restMs).unref();
      else prepare();
      isFirst = false;
      return result;
    },
    close() {
      isClosed = true;
      waiting?.stdin.end();
      waiting = undefined;
    },
  };
}
