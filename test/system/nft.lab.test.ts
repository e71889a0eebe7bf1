import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SmallNet } from '../enforcement/small-net.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { childrenOf } from '../lab/holder.ts';
import { repositoryRoot } from '../lab/root.ts';
// @ts-expect-error: plain JavaScript
import { compile } from '../ts.mjs';

/** Whether it runs; one that ended and that nobody asked for its exit code does not. */
const runs = (pid: number) => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
};

describeLab('an nft that waits', () => {
  let net: SmallNet;
  let file: string;
  beforeAll(async () => {
    net = new SmallNet();
    await net.start();
    file = await compile('test/system/start-ahead-process.ts');
  });
  afterAll(() => net?.stop());

  /** A process with an nft that waits in the router's network. */
  async function owner(bytes: number) {
    const nft = ['nsenter', `--net=${net.netOf('router')}`, 'nft', '-j', '-f', '-'];
    const process_ = spawn(process.execPath, [file, String(bytes), ...nft], { cwd: repositoryRoot });
    const [pid = 0] = await expect
      .poll(() => childrenOf(process_.pid ?? 0))
      .not.toEqual([])
      .then(() => childrenOf(process_.pid ?? 0));
    return { process: process_, pid };
  }

  test('ends without a transaction when its owner is killed while it waits', async () => {
    const { process, pid } = await owner(0);
    await sleep(300);
    process.kill('SIGKILL');
    await once(process, 'exit');
    await expect.poll(() => runs(pid)).toBe(false);
    expect(net.run('router', ['nft', 'list', 'tables'])).not.toContain('torn');
  });

  test('half a transaction of an owner that was killed is none', async () => {
    const { process: killed, pid } = await owner(200_000);
    await sleep(300);
    process.kill(pid, 'SIGSTOP');
    killed.stdin.write('feed\n');
    await sleep(200);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    process.kill(pid, 'SIGCONT');
    await expect.poll(() => runs(pid)).toBe(false);
    expect(net.run('router', ['nft', 'list', 'tables'])).not.toContain('torn');
  });
});
