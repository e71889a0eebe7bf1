import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Finding } from '../../daemon/doctor/diagnose.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { bundle, type Guard, startGuard } from './guard.ts';

let lab: Lab;
let guard: Guard;

/** What the built program says on the router. */
async function consult(): Promise<{ ok: boolean; of: (check: string) => Finding | undefined }> {
  const socket = join(guard.dir, 'run', 'postern.sock');
  const command = `node ${bundle} doctor --json --socket ${socket} || [ $? = 1 ]`;
  const { ok, checks } = JSON.parse(await lab.run('router', ['sh', '-c', command])) as {
    readonly ok: boolean;
    readonly checks: readonly Finding[];
  };
  return { ok, of: (check) => checks.find((one) => one.check === check) };
}

describeLab('the doctor', () => {
  beforeAll(async () => {
    lab = await startLab();
    guard = await startGuard(lab);
  });
  afterAll(() => lab?.stop());

  test('finds a router well on which the guard runs', async () => {
    const { ok, of } = await consult();
    expect(ok).toBe(true);
    for (const check of ['node', 'nft', 'conntrack', 'accounting', 'listeners', 'routing', 'ipv6', 'clock'])
      expect(of(check), check).toMatchObject({ state: 'ok' });
    expect(of('daemon')).toMatchObject({ state: 'note', text: expect.stringContaining('runs as root') });
  });

  test('finds another listener, and what a sysctl switched off', async () => {
    const listener = lab.spawn('router', ['conntrack', '-E', '-e', 'DESTROY']);
    const set = (forward: number, events: number) =>
      lab.run('router', [
        ...['sysctl', '-qw', `net.ipv4.ip_forward=${forward}`],
        `net.netfilter.nf_conntrack_events=${events}`,
      ]);
    await set(0, 0);
    try {
      await expect.poll(async () => (await consult()).of('listeners')?.text).toContain('conntrack');
      const { ok, of } = await consult();
      expect(ok).toBe(false);
      for (const check of ['routing', 'conntrack'])
        expect(of(check), check).toMatchObject({ state: 'trouble', remedy: expect.any(String) });
    } finally {
      await listener.stop();
      await set(1, 2);
    }
  });

  test('finds that the guard is gone', async () => {
    await guard.stop();
    const { ok, of } = await consult();
    expect(ok).toBe(false);
    expect(of('daemon')).toMatchObject({ state: 'trouble', remedy: expect.stringContaining('logread') });
  });
});
