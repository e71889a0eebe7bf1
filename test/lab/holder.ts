import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { HostName } from './home.ts';
import { labFile } from './root.ts';

/** The namespaces of one lab, kept alive by one process that ends when ours does. */
export interface Holder {
  /** A folder of this lab, seen under the same path inside and outside; removed with the holder. */
  readonly dir: string;
  /** Process 1 of the lab, as the host numbers it. */
  readonly hostPid: number;
  /** The argument list that runs `argv` inside: in a host's network, or in the lab's unused one. */
  enter(host: HostName | undefined, argv: readonly string[], cwd?: string): string[];
  /** Ends every process of the lab and waits until they, the namespaces and the folder are gone. */
  release(): Promise<void>;
}

// Every program the lab starts may live in sbin, which a plain user's PATH lacks.
export const labEnvironment: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${process.env['PATH'] ?? '/usr/bin:/bin'}:/usr/local/sbin:/usr/sbin:/sbin`,
};

/** Starts the holder of a new lab. Throws with the tool's own words if it cannot be made. */
export async function startHolder(nameserver: string): Promise<Holder> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-lab-'));
  const resolvConf = join(dir, 'resolv.conf');
  await writeFile(resolvConf, `nameserver ${nameserver}\n`);
  const child = spawn(
    'unshare',
    [
      ...['--mount', '--pid', '--net', '--fork', '--kill-child=KILL', '--mount-proc'],
      ...['perl', labFile('holder.pl'), dir, resolvConf],
    ],
    // A session of its own: Ctrl-C in a terminal must reach the owner only, who then ends the lab in order.
    { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env: labEnvironment, cwd: '/' },
  );
  const exited = once(child, 'exit');
  child.stdin.on('error', () => {});
  await firstLine(child);
  const hostPid = (await childrenOf(child.pid ?? 0))[0];
  if (hostPid === undefined) throw new Error('the lab has no process 1');
  return {
    dir,
    hostPid,
    enter: (host, argv, cwd = process.cwd()) => [
      'nsenter',
      ...[`--target=${hostPid}`, '--mount', '--pid', `--wdns=${cwd}`],
      `--net=${host === undefined ? `/proc/${hostPid}/ns/net` : `/proc/${hostPid}/root/run/netns/${host}`}`,
      ...['--', ...argv],
    ],
    release: async () => {
      child.stdin.end();
      await exited;
    },
  };
}

/** The direct children of a process, as the host numbers them; empty when it has none or is gone. */
export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

async function firstLine(
  child: ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream },
): Promise<void> {
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint += String(chunk);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'ready') return;
  }
  throw new Error(`the lab's holder did not start: ${complaint.trim()}`);
}
