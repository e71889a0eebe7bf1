import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apkTree } from '../../openwrt-package/build/apk.ts';
import { packageVersion, postern } from '../../openwrt-package/build/package-description.ts';
import { readIpk } from '../../openwrt-package/build/read-ipk.ts';
import { apkScripts } from '../../openwrt-package/build/scripts.ts';
import { builtIpk, withPackages } from './built.ts';

const ipk = builtIpk();
const { control, scripts, conffiles, tree, faults } = readIpk(ipk);
const at = (path: string) => tree.find(({ name }) => name === `.${path}`);

test('the package has no fault, and fits', () => {
  expect(faults).toEqual([]);
  expect(ipk.length).toBeLessThanOrEqual(400_000);
});

test('equal sources make equal bytes', () => {
  expect(builtIpk().equals(ipk)).toBe(true);
});

test('what is in it, and with which modes', () => {
  const files = tree
    .filter(({ isFolder }) => !isFolder)
    .map(({ name, mode }) => `${mode.toString(8)} ${name.slice(1)}`);
  expect(files).toEqual([
    '644 /etc/capabilities/postern-hooks.json',
    '644 /etc/capabilities/postern.json',
    '600 /etc/config/postern',
    '755 /etc/init.d/postern',
    '755 /etc/uci-defaults/50-postern',
    '644 /lib/upgrade/keep.d/postern',
    '755 /usr/bin/postern',
    '644 /usr/lib/postern/THIRD-PARTY-LICENSES.txt',
    '644 /usr/lib/postern/functions.sh',
    '644 /usr/lib/postern/postern-blocklists.cjs',
    '644 /usr/lib/postern/postern-cli.cjs',
    '644 /usr/lib/postern/postern-data.bin',
    '644 /usr/lib/postern/postern-doors.cjs',
    '644 /usr/lib/postern/postern-history.cjs',
    '644 /usr/lib/postern/postern-hooks.cjs',
    '644 /usr/lib/postern/postern-mqtt.cjs',
    '644 /usr/lib/postern/postern-names.cjs',
    '644 /usr/lib/postern/postern-notice.cjs',
    '644 /usr/lib/postern/postern-replay.cjs',
    '644 /usr/lib/postern/postern.cjs',
    '755 /usr/share/postern/firewall.include',
    '644 /usr/share/postern/guard.nft',
  ]);
  expect(tree[0]).toMatchObject({ name: './', mode: 0o755, isFolder: true });
  expect(new Set(tree.map(({ mtimeS }) => mtimeS)).size).toBe(1);
  expect(at('/usr/lib/postern/postern.cjs')?.bytes.equals(readFileSync('dist/postern.cjs'))).toBe(true);
});

test('what it says of itself', () => {
  expect(Object.fromEntries(control)).toMatchObject({
    Package: 'postern',
    Version: '0.1.0-r1',
    Architecture: 'all',
    License: 'Apache-2.0',
    Depends: 'nftables-json, conntrack, kmod-nf-conntrack-netlink, firewall4, rpcd, ca-bundle, node',
    'Require-User': 'postern:postern postern-hooks:postern-hooks',
  });
  expect(conffiles).toEqual(['/etc/config/postern']);
  expect([...scripts.keys()]).toEqual(['postinst', 'prerm', 'prerm-pkg']);
});

test('the guard of the first start is one that nft takes any number of times', () => {
  const guard = at('/usr/share/postern/guard.nft')?.bytes.toString() ?? '';
  expect(guard).toMatch(/^table inet postern \{\n\}\nflush table inet postern\n/);
  expect(guard).toContain('br-lan');
  expect(guard).not.toContain('ct event set');
});

test('what apk needs beside it: lists by which services are enabled and users made', () => {
  const entries = tree.map(({ name, mode, isFolder, bytes }) => ({
    path: name.slice(1).replace(/\/$/, ''),
    mode,
    ...(isFolder ? {} : { bytes }),
  }));
  const added = apkTree(postern, entries.slice(1));
  const text = (kind: string) =>
    added.find(({ path }) => path === `/lib/apk/packages/postern.${kind}`)?.bytes?.toString();
  // What OpenWrt's own build lists: the files and who owns them, not the lists of configuration.
  const files = tree.filter(({ isFolder }) => !isFolder).map(({ name }) => name.slice(1));
  expect(text('list')?.trim().split('\n')).toEqual([...files, '/lib/apk/packages/postern.rusers'].sort());
  expect(text('conffiles')).toBe('/etc/config/postern\n');
  expect(text('conffiles_static')).toMatch(/^\/etc\/config\/postern [0-9a-f]{64}\n$/);
  expect(text('rusers')).toBe('postern:postern postern-hooks:postern-hooks\n');
  expect(Object.keys(apkScripts(postern, { prerm: '#!/bin/sh\nexit 0\n' }))).toEqual([
    'post-install',
    'post-upgrade',
    'pre-deinstall',
  ]);
  for (const script of Object.values(apkScripts(postern, { prerm: scripts.get('prerm-pkg') ?? '' }))) {
    expect(spawnSync('busybox', ['ash', '-n'], { input: script }).status).toBe(0);
  }
});

test('the SDK installs the same tree', () => {
  const makefile = withPackages((folder) => readFileSync(join(folder, 'feed/postern/Makefile'), 'utf8'));
  const installed = [...makefile.matchAll(/^\t\$\(INSTALL_(?:BIN|CONF|DATA)\) \.\/files(\S+) \$\(1\)\1$/gm)];
  expect(installed.map(([, path]) => `.${path}`)).toEqual(
    tree.filter(({ isFolder }) => !isFolder).map(({ name }) => name),
  );
  expect(makefile).toContain('INSTALL_CONF) ./files/etc/config/postern');
  expect(makefile).toContain('+!USE_APK:node');
  expect(makefile).toContain('[ "$$PKG_UPGRADE" = 1 ]');
});

test('without apk-tools the .apk is skipped in one line', () => {
  const lines = withPackages((_, said) => said);
  expect(lines).toEqual([
    expect.stringMatching(/^postern_0\.1\.0-r1_all\.ipk \d+/),
    'postern-0.1.0-r1.apk skipped: apk-tools 3 is not installed',
    expect.stringMatching(/^luci-app-postern_0\.1\.0-r1_all\.ipk \d+/),
    'luci-app-postern-0.1.0-r1.apk skipped: apk-tools 3 is not installed',
    ...['de', 'es', 'zh-cn'].flatMap((code) => [
      expect.stringMatching(`^luci-i18n-postern-${code}_0\\.1\\.0-r1_all\\.ipk \\d+`),
      `luci-i18n-postern-${code}-0.1.0-r1.apk skipped: apk-tools 3 is not installed`,
    ]),
  ]);
});

test('versions are such that apk takes them', () => {
  expect(packageVersion('0.1.0')).toBe('0.1.0-r1');
  expect(packageVersion('0.2.0-rc1')).toBe('0.2.0_rc1-r1');
});
