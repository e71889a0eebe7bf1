import { spawn } from 'node:child_process';
import { childrenOf, type Holder, labEnvironment } from './holder.ts';
import type { HostName } from './home.ts';
import type { SpawnOptions } from './lab-process.ts';

/** What a finished command left. `code` is null when a signal (or the time limit) ended it. */
export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a command that is run to its end. */
export interface ExecOptions extends SpawnOptions {
  readonly input?: string;
  /** After this the command is killed and the promise rejects; 30 s unless given. */
  readonly timeoutMs?: number;
}

/** Runs a command inside to its end. Rejects when it cannot be started or takes too long, not when it fails. */
export function execIn(
  holder: Holder,
  host: HostName | undefined,
  argv: readonly string[],
  options: ExecOptions = {},
): Promise<Result> {
  const [program = '', ...args] = holder.enter(host, argv, options.cwd);
  const { timeoutMs = 30_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      detached: true,
      env: { ...labEnvironment, ...options.env },
      cwd: '/',
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let late = false;
    const timer = setTimeout(async () => {
      late = true;
      for (const pid of await childrenOf(child.pid ?? 0)) process.kill(pid, 'SIGKILL');
    }, timeoutMs);
    child.stdout.on('data', (chunk) => stdout.push(chunk));
    child.stderr.on('data', (chunk) => stderr.push(chunk));
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      if (late) reject(new Error(`${argv.join(' ')} took more than ${timeoutMs} ms`));
      else
        resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

/** Like {@link execIn}, but a command that fails rejects with its own words. Returns its standard output. */
export async function mustRun(
  holder: Holder,
  host: HostName | undefined,
  argv: readonly string[],
  options: ExecOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await execIn(holder, host, argv, options);
  if (code !== 0)
    throw new Error(`${host ?? 'lab'}: ${argv.join(' ')}: ${stderr.trim() || `exit code ${code}`}`);
  return stdout;
}
