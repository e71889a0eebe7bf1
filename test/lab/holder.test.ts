import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { describeLab } from './describe-lab.ts';
import { startLab } from './lab.ts';
import { repositoryRoot } from './root.ts';

let owner: ChildProcess | undefined;
afterEach(() => owner?.kill('SIGKILL'));

describeLab('the holder of a lab', () => {
  test('two labs with the same names and addresses do not meet', async () => {
    const [one, two] = await Promise.all([startLab(), startLab()]);
    try {
      const targets = one.addresses.spread4;
      const bot = await one.actor('camera', 'direct-mx-bot', { targets, maxMessages: 60, durationS: 5 });
      expect((await bot.done).accepted).toBe(60);
      expect((await one.sink.counts()).total).toBe(60);
      expect((await two.sink.counts()).total).toBe(0);
    } finally {
      await Promise.all([one.stop(), two.stop()]);
    }
    expect(existsSync(one.dir)).toBe(false);
  });

  test('signals reach the process itself, and its end is told exactly', async () => {
    const lab = await startLab();
    try {
      const script =
        'process.on("SIGHUP", () => console.log("hup")); console.log(process.pid); setInterval(() => {}, 1e3)';
      const child = lab.spawn('router', [process.execPath, '-e', script]);
      expect(await child.waitForLine(/^\d+$/)).toBe(String(await child.pid()));
      await child.kill('SIGHUP');
      await child.waitForLine(/^hup$/);
      const hostPid = await child.hostPid();
      await child.kill('SIGKILL');
      expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
      expect(existsSync(`/proc/${hostPid}`)).toBe(false);
      expect(await lab.exec('router', ['sh', '-c', 'exit 3'])).toMatchObject({ code: 3 });
      await expect(lab.exec('router', ['sleep', '5'], { timeoutMs: 100 })).rejects.toThrow(
        'took more than 100 ms',
      );
      expect((await lab.run('router', ['ip', '-br', 'link', 'show', 'br-lan'])).includes('94:83:c4')).toBe(
        true,
      );
    } finally {
      await lab.stop();
    }
  });

  test('a killed owner leaves no process, no mount and no folder', async () => {
    owner = spawn(process.execPath, ['test/ts.mjs', 'test/lab/shell.ts'], {
      cwd: repositoryRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { hostPid, dir } = await readyLine(owner);
    const namespace = readlinkSync(`/proc/${hostPid}/ns/pid`);
    expect(processesIn(namespace).length).toBeGreaterThan(3);
    expect(existsSync(dir)).toBe(true);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    await expect.poll(() => processesIn(namespace), { timeout: 5000 }).toEqual([]);
    await expect.poll(() => existsSync(dir)).toBe(false);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(dir);
  }, 15_000);
});

async function readyLine(child: ChildProcess): Promise<{ hostPid: number; dir: string }> {
  if (child.stdout === null) throw new Error('no standard output');
  for await (const line of createInterface({ input: child.stdout })) {
    const match = /^ready: process (\d+), folder (\S+)\. /.exec(line);
    if (match) return { hostPid: Number(match[1]), dir: match[2] ?? '' };
  }
  throw new Error('the lab did not come up');
}

function processesIn(pidNamespace: string): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readlinkSync(`/proc/${name}/ns/pid`) === pidNamespace;
    } catch {
      return false;
    }
  });
}
