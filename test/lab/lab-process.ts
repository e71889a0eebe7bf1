import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf, labEnvironment } from './holder.ts';

/** How a process ended: `code` is null when a signal ended it. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Options of a process inside the lab. */
export interface SpawnOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

// Per stream; older lines are forgotten first.
const keptLines = 20_000;

/** A long-running process inside the lab. It is reached by its own process id, not through nsenter's. */
export class LabProcess {
  /** Lines of standard output and standard error so far, at most the last 20,000 of each. */
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  /** Resolves when the process has ended and all it wrote was read. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #watchers = new Set<(line: string) => void>();
  #running = true;

  constructor(entered: readonly string[], options: SpawnOptions = {}) {
    const [program = '', ...args] = entered;
    // A group of its own, for the reason given at the holder.
    this.#child = spawn(program, args, {
      stdio: 'pipe',
      detached: true,
      env: { ...labEnvironment, ...options.env },
      cwd: '/',
    });
    this.exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('exit', () => {
        this.#running = false;
      });
      this.#child.once('close', (code, signal) => resolve({ code, signal }));
    });
    this.exited.catch(() => {});
    // Writing to a process that just ended is no failure of the lab.
    this.#child.stdin.on('error', () => {});
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      keep(this.lines, line);
      for (const watcher of this.#watchers) watcher(line);
    });
    createInterface({ input: this.#child.stderr }).on('line', (line) => keep(this.errors, line));
  }

  get running(): boolean {
    return this.#running;
  }

  /** The process's number on the host. Rejects if it ended before it could be asked. */
  async hostPid(): Promise<number> {
    // nsenter forks into the pid namespace: its only child is the process.
    for (let tries = 0; tries < 500 && this.#running; tries += 1) {
      const [pid] = await childrenOf(this.#child.pid ?? 0);
      if (pid !== undefined) return pid;
      await sleep(2);
    }
    throw new Error('the process has ended');
  }

  /** The process's number inside the lab. */
  async pid(): Promise<number> {
    const status = await readFile(`/proc/${await this.hostPid()}/status`, 'utf8');
    return Number(/^NSpid:.*\s(\d+)$/m.exec(status)?.[1]);
  }

  /** Sends a signal to the process itself; does nothing if it has ended. */
  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const pid = await this.hostPid().catch(() => undefined);
    if (pid === undefined || !this.#running) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** Asks the process to end, and after `graceMs` ends it. */
  async stop(graceMs = 2000): Promise<Exit> {
    await this.kill('SIGTERM');
    const late = setTimeout(() => void this.kill('SIGKILL'), graceMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(late);
    }
  }

  /** Writes one line to the process's standard input. */
  write(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Calls `watcher` for each further line of standard output; returns what ends that. */
  watch(watcher: (line: string) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** The first line of standard output, seen or to come, that matches. Rejects when the process ends or time is up. */
  async waitForLine(pattern: RegExp, timeoutMs = 10_000): Promise<string> {
    const seen = this.lines.find((line) => pattern.test(line));
    if (seen !== undefined) return seen;
    return new Promise((resolve, reject) => {
      const fail = (why: string) =>
        end(() => reject(new Error(`no line ${pattern} ${why}: ${this.errors.slice(-5).join(' | ')}`)));
      const timer = setTimeout(() => fail(`within ${timeoutMs} ms`), timeoutMs);
      const unwatch = this.watch((line) => {
        if (pattern.test(line)) end(() => resolve(line));
      });
      const end = (settle: () => void) => {
        clearTimeout(timer);
        unwatch();
        settle();
      };
      this.exited.then(
        () => fail('before the process ended'),
        () => fail('because it could not be started'),
      );
    });
  }
}

function keep(lines: string[], line: string): void {
  if (lines.push(line) > keptLines) lines.splice(0, keptLines / 10);
}
