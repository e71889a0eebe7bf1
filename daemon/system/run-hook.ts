import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { HookResult } from '../hooks/hook-queue.ts';
import { monotonicMs } from './clock.ts';

export interface HookOptions {
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What it may read from its standard input. */
  readonly input: string;
  /** Then it is asked to end. */
  readonly timeoutMs: number;
}

/** A hook that runs. */
export interface RunningHook {
  /** Never rejects. */
  readonly ended: Promise<HookResult>;
  /** Asks it and what it started to end (SIGTERM), and ends them (SIGKILL) after {@link graceMs}. */
  readonly stop: () => void;
}

/** Between SIGTERM and SIGKILL. */
export const graceMs = 2000;
/** After the hook's end, for what it wrote to be read: something that left its process group may hold the pipe. */
const drainMs = 500;
const maxOutputBytes = 4096;

/**
 * Runs a file without arguments and without a shell, in a process group of its own. It is over when the file's own process
 * ends: what it started and left in its group is ended then.
 */
export function runHook(path: string, options: HookOptions): RunningHook {
  const startMs = monotonicMs();
  const result = (code: number, output: string, timedOut: boolean): HookResult => ({
    ...{ code, output, timedOut },
    durationMs: monotonicMs() - startMs,
  });
  const child = start(path, options);
  if (typeof child === 'string')
    return { ended: Promise.resolve(result(127, child, false)), stop: () => undefined };

  const output = readSome(child);
  let timedOut = false;
  let killing: NodeJS.Timeout | undefined;
  const stop = () => {
    signalGroup(child, 'SIGTERM');
    killing ??= setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
  };
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, options.timeoutMs);
  const ended = new Promise<HookResult>((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve(result(127, error.message, false));
    });
    child.once('exit', () => {
      signalGroup(child, 'SIGKILL');
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, drainMs).unref();
    });
    child.once('close', (code, signal) =>
      resolve(result(code ?? 128 + (signal ? constants.signals[signal] : 0), output(), timedOut)),
    );
  });
  void ended.then(() => {
    clearTimeout(timer);
    clearTimeout(killing);
  });
  child.stdin.end(options.input);
  return { ended, stop };
}

/** Returns a message where not even the attempt was possible. */
function start(path: string, { env }: HookOptions): ChildProcessWithoutNullStreams | string {
  try {
    const child = spawn(path, [], { cwd: '/', env, detached: true, stdio: 'pipe' });
    child.once('error', () => undefined);
    // A hook need not read its input.
    child.stdin?.once('error', () => undefined);
    return child.stdin && child.stdout && child.stderr ? child : 'too many open files';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function signalGroup({ pid }: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left in it.
  }
}

/** The first {@link maxOutputBytes} of both outputs; the rest is read and forgotten. */
function readSome({ stdout, stderr }: ChildProcessWithoutNullStreams): () => string {
  const chunks: Buffer[] = [];
  let room = maxOutputBytes;
  for (const stream of [stdout, stderr])
    stream.on('data', (chunk: Buffer) => {
      if (room <= 0) return;
      chunks.push(chunk.subarray(0, room));
      room -= chunk.length;
    });
  return () => Buffer.concat(chunks).toString('utf8');
}
