import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { section } from '../config/router.ts';
import { builtIpk } from './built.ts';
import { makeRouter, type RouterTree } from './router-tree.ts';

const ipk = builtIpk();
const service = (action: string) => `/etc/rc.common /etc/init.d/postern ${action}`;
const note = '/var/run/postern.bad-config';
const refused = '/usr/bin/node.check';

/** chroot is root's. */
describe.skipIf(process.getuid?.() !== 0)('a configuration with mistakes', () => {
  let router: RouterTree;
  beforeEach(() => {
    router = makeRouter(ipk);
    configure({ mode: 'gaurd', max_bans: '-3' });
    // What the real check says of what the script renders.
    router.run(service('start'));
    const file = join(router.dir, 'var/run/postern/config.json');
    const check = spawnSync(process.execPath, ['dist/postern.cjs', 'check', file], { encoding: 'utf8' });
    expect(check.status).toBe(78);
    router.write(refused, check.stdout);
  });
  afterEach(() => router.remove());

  const configure = (options: Record<string, string>) =>
    router.write('/ubus/uci-postern.json', JSON.stringify({ values: section('postern', 'main', options) }));
  const procd = (calls: readonly string[]) => calls.filter((line) => line.startsWith('procd_'));
  const errors = (calls: readonly string[]) => calls.filter((line) => line.includes('daemon.err'));

  test('is told once, and nothing is started again and again; the kernel guard holds', () => {
    const { status, calls } = router.run(service('start'));
    expect(status).toBe(0);
    expect(procd(calls)).toEqual([]);
    expect(router.has('/table')).toBe(true);
    const lines = errors(calls).join('\n');
    expect(lines).toMatch(
      /postern\.main\.mode: .*\n.*postern\.main\.max_bans: .*\n.*only the kernel guard holds$/,
    );
    expect(lines.split('\n')).toHaveLength(3);
    expect(router.read(note)).toMatch(/^postern\.main\.mode: /);
    // An interface that comes up asks for as much.
    expect(errors(router.run(service('reload')).calls)).toHaveLength(1);
    expect(router.read(note)).toMatch(/^postern\.main\.mode: /);
  });

  test('once mended starts the daemon, and the note is gone', () => {
    router.run(service('start'));
    router.run(`rm ${refused}`);
    expect(procd(router.run(service('reload')).calls)).toContain('procd_open_instance guard');
    expect(router.has(note)).toBe(false);
  });

  test('ends no daemon that runs: it goes on with the last good one', () => {
    router.process(700, { exe: '/usr/bin/node', caught: '0000000000014603' });
    const { calls } = router.run(service('reload'));
    expect(calls).toContain('procd_open_instance guard');
    expect(calls).toContain('kill -HUP 700');
    expect(errors(calls)).toEqual([]);
    expect(router.has(note)).toBe(false);
  });

  test('takes the table away where the owner wants to be told only', () => {
    router.write('/table', '');
    router.set('postern.main.mode', 'observe');
    router.run(service('start'));
    expect(router.has('/table')).toBe(false);
  });

  test('of a check that fails itself nothing is believed', () => {
    router.write('/usr/bin/node', '#!/bin/sh\ncase "$1" in -p) echo 20.20.2 ;; *) exit 70 ;; esac\n', 0o755);
    expect(procd(router.run(service('start')).calls)).toContain('procd_open_instance guard');
  });
});
