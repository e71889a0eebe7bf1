import { type ChildProcessByStdio, type SpawnOptions, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { type Pace, readPaced } from './paced-reader.ts';

/** A program and its arguments; never a shell string. */
export type Argv = readonly [program: string, ...args: string[]];

export interface RunOptions {
  /** The program is killed after so long. */
  readonly timeoutMs: number;
  /** Most of stdout and of stderr each that is kept; a program that writes more is killed. */
  readonly maxOutputBytes: number;
}

/** How a program ended. */
export interface RunResult {
  /** Its exit code; 127 if it could not be started, 128 and the signal's number if it was killed. */
  readonly code: number;
  /** UTF-8. */
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** It wrote more than `maxOutputBytes` and was killed for it. */
  readonly truncated: boolean;
}

/** What a stream of a child tells. Text is latin1: a byte a character, cut anywhere. */
export interface StreamHandlers {
  readonly onStdout: (text: string) => void;
  readonly onStderr: (text: string) => void;
  /** Called exactly once, after the last text. The code is that of {@link RunResult}. */
  readonly onExit: (code: number, error?: string) => void;
}

/** A child that is being read. */
export interface StreamedChild {
  /** Undefined if it could not be started: `onExit` follows with code 127. */
  readonly pid: number | undefined;
  /** Ends it: SIGTERM, and SIGKILL a second later. */
  stop(): void;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;
/** A child whose standard input is ours. */
export type FedChild = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * conntrack's output, see readPaced: 16 lines one by one, then a batch every 10 ms. A wake of an idle process costs
 * 0.1 to 0.4 ms of CPU however little is read; at 5,000 connections a second this halves what reading costs.
 */
const eventPace: Pace = { burst: 16, restMs: 10 };
const killAfterMs = 1_000;

/** Runs a program to its end. Never throws and never rejects. */
export function run(argv: Argv, options: RunOptions): Promise<RunResult> {
  const child = start(argv, 'ignore');
  return typeof child === 'string' ? Promise.resolve(notStarted(child)) : finish(child, options);
}

/** The result of a program that could not be started. */
export const notStarted = (reason: string): RunResult => ({
  ...{ code: 127, stdout: '', stderr: reason },
  ...{ timedOut: false, truncated: false },
});

/** Reads a started program to its end, within bounds. Never rejects. */
export function finish(child: Child | FedChild, options: RunOptions): Promise<RunResult> {
  return new Promise((resolve) => {
    const flags = { timedOut: false, truncated: false };
    const end = (reason: keyof typeof flags) => {
      flags[reason] = true;
      child.kill('SIGKILL');
      // A grandchild may hold the pipes open; nobody waits for it.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => end('timedOut'), options.timeoutMs);
    const stdout = collect(child.stdout, options.maxOutputBytes, () => end('truncated'));
    const stderr = collect(child.stderr, options.maxOutputBytes, () => end('truncated'));
    onEnd(child, (code, error) => {
      clearTimeout(timer);
      resolve({ code, stdout: stdout(), stderr: error ?? stderr(), ...flags });
    });
  });
}

/** Starts a program and reads both its outputs as they come, stdout paced. Never throws. */
export function spawnStream(argv: Argv, handlers: StreamHandlers): StreamedChild {
  const child = start(argv, 'ignore');
  if (typeof child === 'string') {
    queueMicrotask(() => handlers.onExit(127, child));
    return { pid: undefined, stop: () => undefined };
  }
  readPaced(child.stdout, eventPace, handlers.onStdout);
  child.stderr.on('data', (chunk: Buffer) => handlers.onStderr(chunk.toString('latin1')));
  onEnd(child, handlers.onExit);
  return {
    pid: child.pid,
    stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
      child.once('exit', () => clearTimeout(timer));
    },
  };
}

/**
 * Children get no input but what they are fed, and a plain environment: their output must not depend on the user's language.
 * Returns a message where not even the attempt was possible (memory or descriptors used up, a NUL in an argument).
 */
export function start(argv: Argv, input: 'ignore'): Child | string;
export function start(argv: Argv, input: 'pipe'): FedChild | string;
export function start([program, ...args]: Argv, input: 'ignore' | 'pipe'): Child | FedChild | string {
  try {
    const options: SpawnOptions = { stdio: [input, 'pipe', 'pipe'], env: environment() };
    const child = spawn(program, args, options) as Child | FedChild;
    // Without descriptors for the pipes Node returns a child that has none.
    if (child.stdout && child.stderr) return child;
    child.once('error', () => undefined);
    return `${program}: too many open files`;
  } catch (error) {
    return `${program}: ${error instanceof Error ? error.message : 'cannot be started'}`;
  }
}

let ownPath: string | undefined;
let plainEnvironment: NodeJS.ProcessEnv = {};

/** Ours, in plain English and with the folders of the tools. Copied once: it takes longer than the rest of a start. */
function environment(): NodeJS.ProcessEnv {
  const path = process.env['PATH'] ?? '';
  if (path !== ownPath) {
    ownPath = path;
    plainEnvironment = { ...process.env, PATH: `${path}:/usr/sbin:/usr/bin:/sbin:/bin`, LC_ALL: 'C' };
  }
  return plainEnvironment;
}

function collect(stream: Readable, maxBytes: number, onOverflow: () => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    const room = maxBytes - size;
    if (room > 0) chunks.push(chunk.subarray(0, room));
    size += chunk.length;
    if (size > maxBytes && room >= 0) onOverflow();
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** Calls back once: when the child ended and both outputs are read, or when it could not be started. */
function onEnd(child: Child | FedChild, callback: (code: number, error?: string) => void): void {
  let isOver = false;
  const end = (code: number, error?: string) => {
    if (isOver) return;
    isOver = true;
    callback(code, error);
  };
  child.once('error', (error) => {
    if (child.pid === undefined) end(127, `${child.spawnfile}: ${error.message}`);
  });
  child.once('close', (code, signal) => end(code ?? 128 + (signal ? constants.signals[signal] : 0)));
}
