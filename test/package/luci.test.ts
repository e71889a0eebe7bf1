import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apkTree } from '../../openwrt-package/build/apk.ts';
import { luciApp } from '../../openwrt-package/build/package-description.ts';
import { readIpk } from '../../openwrt-package/build/read-ipk.ts';
import { apkScripts } from '../../openwrt-package/build/scripts.ts';
import { builtIpk, withPackages } from './built.ts';

const source = 'openwrt-package/luci-app-postern';
const ipk = builtIpk('luci-app-postern');
const { control, scripts, conffiles, tree, faults } = readIpk(ipk);
const files = tree.filter(({ isFolder }) => !isFolder);

test('the package has no fault, and fits', () => {
  expect(faults).toEqual([]);
  expect(ipk.length).toBeLessThanOrEqual(45_000);
  expect(builtIpk('luci-app-postern').equals(ipk)).toBe(true);
});

test('what it says of itself', () => {
  expect(Object.fromEntries(control)).toMatchObject({
    Package: 'luci-app-postern',
    Version: '0.1.0-r1',
    Architecture: 'all',
    Depends: 'postern, luci-base, rpcd-mod-ucode, ucode-mod-socket',
    Section: 'luci',
  });
  expect(control.has('Require-User')).toBe(false);
  expect(conffiles).toEqual([]);
});

test('nothing in it can be run, and nothing is outside of where LuCI looks', () => {
  for (const { name, mode } of files) {
    expect({ name, mode }).toEqual({ name, mode: 0o644 });
    expect(name).toMatch(
      /^\.\/(?:www\/luci-static\/resources\/(?:postern|view\/postern|view\/status\/include)\/[\w-]+\.(?:js|css)|usr\/share\/(?:rpcd\/(?:ucode\/postern\.uc|acl\.d\/luci-app-postern\.json)|luci\/menu\.d\/luci-app-postern\.json))$/,
    );
  }
  const names = files.map(({ name }) => name.replace(/^.*\//, ''));
  expect(names).toEqual(expect.arrayContaining(['postern.uc', 'settings.js', 'options.js', '60_postern.js']));
});

test('every script of the pages can be read, and every JSON', () => {
  for (const { name, bytes } of files) {
    const text = bytes.toString();
    if (name.endsWith('.js')) expect(() => new Function('baseclass', `${text}`), name).not.toThrow();
    if (name.endsWith('.json')) expect(() => JSON.parse(text), name).not.toThrow();
    if (/\.(?:js|json|uc)$/.test(name))
      expect(/[^\n\t\x20-\x7e\xa0-\xff]/.exec(text)?.[0], name).toBeUndefined();
  }
});

test('LuCI and rpcd read it anew, and nobody is logged out', () => {
  expect([...scripts.keys()]).toEqual(['postinst', 'postinst-pkg', 'postrm', 'prerm']);
  const own = scripts.get('postrm') ?? '';
  expect(own).toContain('killall -HUP rpcd');
  expect(own).not.toMatch(/rpcd (?:restart|stop)/);
  expect(scripts.get('postinst-pkg')).toBe(own);
  const apk = apkScripts(luciApp, { postinst: own, postrm: own });
  expect(apk['post-install']).toContain('killall -HUP rpcd');
  expect(apk['post-upgrade']).toContain('killall -HUP rpcd');
  expect(apk['post-deinstall']).toBe(own);
});

test('apk’s lists: no configuration, no users', () => {
  const entries = tree.slice(1).map(({ name, mode, isFolder, bytes }) => ({
    path: name.slice(1).replace(/\/$/, ''),
    mode,
    ...(isFolder ? {} : { bytes }),
  }));
  const lists = apkTree(luciApp, entries).filter(({ path }) => path.startsWith('/lib/apk/packages/'));
  expect(lists.map(({ path }) => path)).toEqual(['/lib/apk/packages/luci-app-postern.list']);
});

test('the feed leaves it to LuCI’s rules, with the same sources', () => {
  withPackages((folder) => {
    const feed = `${folder}/feed/luci-app-postern`;
    const makefile = readFileSync(`${feed}/Makefile`, 'utf8');
    expect(makefile).toContain('LUCI_DEPENDS:=+postern +luci-base +rpcd-mod-ucode +ucode-mod-socket\n');
    expect(makefile).toContain('include $(TOPDIR)/feeds/luci/luci.mk');
    expect(makefile).toContain('[ -n "$$IPKG_INSTROOT" ]');
    for (const path of [
      'root/usr/share/rpcd/ucode/postern.uc',
      'po/de/postern.po',
      'htdocs/luci-static/resources/view/postern/settings.js',
    ])
      expect(readFileSync(`${feed}/${path}`, 'utf8')).toBe(readFileSync(`${source}/${path}`, 'utf8'));
  });
});

test('what the feed gives to LuCI’s rules can be read by all, whatever the checkout’s modes', () => {
  const root = mkdtempSync(join(tmpdir(), 'postern-checkout-'));
  try {
    cpSync('package.json', join(root, 'package.json'));
    cpSync('openwrt-package', join(root, 'openwrt-package'), { recursive: true });
    const own = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
    const pages = join(root, source);
    for (const path of own(pages)) chmodSync(join(pages, path), path.includes('.') ? 0o600 : 0o700);
    withPackages((folder) => {
      const feed = join(folder, 'feed/luci-app-postern');
      const modes = own(feed).map((path) => statSync(join(feed, path)));
      expect(modes.length).toBeGreaterThan(30);
      for (const one of modes) expect(one.mode & 0o777).toBe(one.isDirectory() ? 0o755 : 0o644);
    }, root);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('LuCI’s rules are told whose it is, and find each script defined when they are read', () => {
  const makefile = withPackages((folder) =>
    readFileSync(join(folder, 'feed/luci-app-postern/Makefile'), 'utf8'),
  );
  const [before = '', after] = makefile.split('include $(TOPDIR)/feeds/luci/luci.mk');
  for (const own of [
    'define Package/luci-app-postern/postinst\n',
    'define Package/luci-app-postern/postrm\n',
    'LUCI_MAINTAINER:=$(PKG_MAINTAINER)\n',
    'LUCI_URL:=\n',
    'PKG_PO_VERSION:=$(PKG_VERSION)-r$(PKG_RELEASE)\n',
  ])
    expect(before).toContain(own);
  // OpenWrt looks for packages by this line.
  expect(after?.trim()).toBe('# call BuildPackage - OpenWrt buildroot signature');
});

test('no script has what LuCI’s own minifier takes apart', () => {
  const scripts = readdirSync(`${source}/htdocs`, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.js'),
  );
  expect(scripts.length).toBeGreaterThan(15);
  // A regular expression after a word or an arrow is none to it, so that a comment or a string seems to begin in it.
  const afterWord =
    /(?:\b(?:return|typeof|case|throw)|=>)\s*(\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[\n])+\/)/g;
  for (const name of scripts) {
    const script = readFileSync(join(source, 'htdocs', name), 'utf8');
    const expressions = [...script.matchAll(afterWord)].map(([, expression]) => expression);
    expect(
      expressions.filter((one) => /\/[/*]|['"`\s]/.test(one ?? '')),
      name,
    ).toEqual([]);
  }
});
