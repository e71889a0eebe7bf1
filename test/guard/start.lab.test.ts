import { existsSync, mkdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { repositoryRoot } from '../lab/root.ts';
import { ask } from './ask.ts';
import { bundle, flags, labConfig, startGuard } from './guard.ts';

describeLab('the start of the guard', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(() => lab.stop());

  test('once it says that it guards, its listener does not start anew, where connections would be missed', async () => {
    const guard = await startGuard(lab, { main: { log_level: 'debug' } });
    await sleep(1500);
    expect(guard.process.lines.filter((line) => line.includes('resync'))).toEqual([]);
    expect(await lab.nft('list', 'table', 'inet', 'postern')).toContain('ct event set');
    await guard.stop();
  });

  test('a reload that is asked for while it starts does not end it, and is done then', async () => {
    const dir = join(lab.dir, 'early');
    const configPath = join(dir, 'config.json');
    for (const name of ['run', 'data']) mkdirSync(join(dir, name), { recursive: true });
    writeFileSync(configPath, JSON.stringify(labConfig(lab, dir, {})));
    const daemon = lab.spawn('router', ['node', ...flags, bundle, 'run', '--config', configPath]);
    await expect
      .poll(() => existsSync(join(dir, 'run', 'postern.sock')), { timeout: 20_000, interval: 5 })
      .toBe(true);
    expect(daemon.lines.filter((line) => line.includes('guards'))).toEqual([]);
    await daemon.kill('SIGHUP');
    await daemon.waitForLine(/configuration reloaded/, 20_000);
    await daemon.stop();
  });

  test('tells what the machine and its settings lack from the first status on, and takes each back once it is mended', async () => {
    const settings = [
      ['no_accounting', 'net.netfilter.nf_conntrack_acct', '0', '1'],
      ['not_routing', 'net.ipv4.ip_forward', '0', '1'],
      ['ipv6_off', 'net.ipv6.conf.all.disable_ipv6', '1', '0'],
    ] as const;
    const set = (values: readonly string[]) => lab.run('router', ['sysctl', '-w', ...values]);
    const oldNode = join(lab.dir, 'old-node');
    writeFileSync(oldNode, '');
    await set(settings.map(([, name, wrong]) => `${name}=${wrong}`));
    // Nobody listens there.
    const mqtt = { enabled: '1', url: 'mqtts://127.0.0.1:1', insecure: '1' };
    const guard = await startGuard(lab, {
      ...{ name: 'wanting', mqtt },
      env: {
        NODE_OPTIONS: `--require ${join(repositoryRoot, 'test/guard/old-node.cjs')}`,
        OLD_NODE_FILE: oldNode,
      },
    });
    // The table itself has conntrack count: what was missing when it began is told, and no longer so.
    expect(guard.process.errors.join()).toContain('conntrack does not count bytes. Set net.netfilter');
    expect(guard.process.lines.join()).toContain('No longer so: conntrack does not count bytes');
    expect(await lab.run('router', ['sysctl', '-n', 'net.netfilter.nf_conntrack_acct'])).toBe('1\n');
    const watched = ['ipv6_off', 'mqtt_insecure', 'no_accounting', 'node_too_old', 'not_routing'];
    const told = async () => {
      const { state, degraded } = await ask(guard, 'status');
      const codes = degraded.map(({ code }) => code).filter((code) => watched.some((one) => one === code));
      return { state, codes: codes.toSorted() };
    };
    expect(await told()).toEqual({
      state: 'degraded',
      codes: watched.filter((code) => code !== 'no_accounting'),
    });

    await set(settings.map(([, name, , right]) => `${name}=${right}`));
    guard.configure({ mqtt: { ...mqtt, insecure: '0' } });
    await guard.process.kill('SIGHUP');
    await expect.poll(told, { timeout: 10_000 }).toMatchObject({ codes: ['node_too_old'] });
    unlinkSync(oldNode);
    await guard.stop();
    await guard.restart();
    expect((await told()).codes).toEqual([]);
    await guard.stop();
  });
});
