import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { postern } from '../../openwrt-package/build/package-description.ts';
import { readIpk } from '../../openwrt-package/build/read-ipk.ts';
import { apkScripts } from '../../openwrt-package/build/scripts.ts';
import { builtIpk, withPackages } from './built.ts';
import { makeRouter, type RouterTree } from './router-tree.ts';

const config = '/etc/config/postern';
const before = builtIpk();
const after = nextVersion();
const shipped = (ipk: Buffer) =>
  readIpk(ipk)
    .tree.find(({ name }) => name === `.${config}`)
    ?.bytes.toString() ?? '';

/** The package as it would be with another version, program and default configuration. */
function nextVersion(): Buffer {
  const root = mkdtempSync(join(tmpdir(), 'postern-next-'));
  try {
    cpSync('openwrt-package', join(root, 'openwrt-package'), { recursive: true });
    writeFileSync(join(root, 'package.json'), JSON.stringify({ version: '0.1.1' }));
    const file = join(root, 'openwrt-package/postern/files/postern.config');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n# New in 0.1.1.\n`);
    return withPackages((folder) => readFileSync(join(folder, 'postern_0.1.1-r1_all.ipk')), root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** What OpenWrt's functions.sh does of its own on an upgrade: our parts, defaults, and the service. */
const functions = `default_prerm() {
	if [ -f /usr/lib/opkg/info/postern.prerm-pkg ]; then ( . /usr/lib/opkg/info/postern.prerm-pkg ); fi
	[ "$PKG_UPGRADE" = 1 ] || /etc/init.d/postern disable
	/etc/init.d/postern stop
}
default_postinst() {
	for i in /etc/uci-defaults/*; do ( . "$i" ) && rm -f "$i"; done
	[ "$PKG_UPGRADE" = 1 ] || /etc/init.d/postern enable
	/etc/init.d/postern start
}
add_group_and_user() { :; }
`;

/** Puts the next version's files in place by the rule of both package managers: what its owner changed stays. */
function unpack(router: RouterTree, aside: string): void {
  const { conffiles, tree } = readIpk(after);
  for (const { name, isFolder, bytes, mode } of tree) {
    const path = name.slice(1);
    if (isFolder) continue;
    const isEdited = conffiles.includes(path) && router.read(path) !== shipped(before);
    router.write(isEdited ? `${path}${aside}` : path, bytes.toString('latin1'), mode);
  }
}

/** The package managers themselves are tried by hand (docs/tested.md); here are the package's own parts: lists and scripts. */
const managers = {
  opkg(router: RouterTree) {
    const info = (ipk: Buffer) => {
      for (const [name, text] of readIpk(ipk).scripts)
        router.write(`/usr/lib/opkg/info/postern.${name}`, text, 0o755);
    };
    info(before);
    const { calls } = router.run('PKG_UPGRADE=1 /usr/lib/opkg/info/postern.prerm upgrade 0.1.1-r1');
    unpack(router, '-opkg');
    info(after);
    const run = router.run('PKG_UPGRADE=1 /usr/lib/opkg/info/postern.postinst configure');
    return { aside: '-opkg', calls: [...calls, ...run.calls], status: run.status };
  },
  apk(router: RouterTree) {
    unpack(router, '.apk-new');
    const prerm = readIpk(after).scripts.get('prerm-pkg') ?? '';
    router.write('/post-upgrade', apkScripts(postern, { prerm })['post-upgrade'], 0o755);
    return { aside: '.apk-new', ...router.run('/post-upgrade') };
  },
};

describe.skipIf(process.getuid?.() !== 0)('an upgrade from the previous version', () => {
  let router: RouterTree;
  beforeEach(() => {
    router = makeRouter(before);
    router.run('chmod 600 /etc/config/postern');
    router.write('/lib/functions.sh', functions);
    router.set('firewall.postern', 'include');
    router.run('/etc/rc.common /etc/init.d/postern start');
    for (const file of ['state.json', 'guard.nft', 'history.bin']) router.write(`/etc/postern/${file}`, file);
  });
  afterEach(() => router.remove());

  test.each(Object.entries(managers))(
    '%s: an edited configuration stays, and all that Postern knows',
    (_, upgrade) => {
      const edited = `${router.read(config)}\nconfig device\n\toption mac '44:65:0d:5e:10:02'\n`;
      router.write(config, edited, 0o600);
      const { aside, calls, status } = upgrade(router);
      expect(status).toBe(0);
      expect(router.read(config)).toBe(edited);
      expect(router.modeOf(config)).toBe('600 0:0');
      expect(router.read(`${config}${aside}`)).toBe(shipped(after));
      for (const file of ['state.json', 'guard.nft', 'history.bin'])
        expect(router.read(`/etc/postern/${file}`)).toBe(file);
      expect(router.has('/table')).toBe(true);
      expect(calls.join('\n')).not.toMatch(/nft (?:delete|flush)|uci delete|mqtt-clean/);
      expect(calls).toContain('procd_open_instance guard');
      expect(router.run('postern --version').stdout).toBe('0.1.1\n');
    },
  );

  test.each(Object.entries(managers))(
    '%s: a configuration that nobody touched is the new one',
    (_, upgrade) => {
      const { aside } = upgrade(router);
      expect(router.read(config)).toBe(shipped(after));
      expect(router.has(`${config}${aside}`)).toBe(false);
    },
  );
});
