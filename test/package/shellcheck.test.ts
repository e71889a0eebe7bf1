import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = 'openwrt-package/postern/files';
const scripts = [
  ...readdirSync(folder)
    .filter((name) => !/\.(?:json|config|keep)$/.test(name))
    .map((name) => join(folder, name)),
  'openwrt-package/luci-app-postern/reload',
];
const has = spawnSync('shellcheck', ['--version']).status === 0;

test.skipIf(!has).each(scripts)('shellcheck has nothing to say of %s', (script) => {
  // Sourced on the router, where this machine has nothing.
  const { stdout } = spawnSync('shellcheck', ['--shell=dash', '--exclude=SC1090,SC1091', script], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
});

test.each(scripts)('busybox ash can read %s', (script) => {
  expect(spawnSync('busybox', ['ash', '-n', script]).status).toBe(0);
});
