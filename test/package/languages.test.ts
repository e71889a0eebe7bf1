import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { apkTree } from '../../openwrt-package/build/apk.ts';
import { lmoOf } from '../../openwrt-package/build/lmo.ts';
import { translations } from '../../openwrt-package/build/package-description.ts';
import { parsePo } from '../../openwrt-package/build/po.ts';
import { readIpk } from '../../openwrt-package/build/read-ipk.ts';
import { apkScripts } from '../../openwrt-package/build/scripts.ts';
import { withPackages } from './built.ts';

/** What the packages of LuCI's own firewall pages (26.082.75780~067535e) put there, with their name for ours. */
const offered = [
  ['de', 'de', "uci set luci.languages.de='Deutsch (German)'; uci commit luci\n"],
  ['es', 'es', "uci set luci.languages.es='Español (Spanish)'; uci commit luci\n"],
  ['zh-cn', 'zh_Hans', "uci set luci.languages.zh_cn='简体中文 (Simplified Chinese)'; uci commit luci\n"],
] as const;

const nameOf = (code: string) => `luci-i18n-postern-${code}`;
const build = () =>
  withPackages((folder) => ({
    ipks: offered.map(([code]) => readFileSync(`${folder}/${nameOf(code)}_0.1.0-r1_all.ipk`)),
    inFeed: offered.filter(([code]) => existsSync(`${folder}/feed/${nameOf(code)}`)),
    makefile: readFileSync(`${folder}/feed/luci-app-postern/Makefile`, 'utf8'),
    catalogues: offered.map(([, po]) => existsSync(`${folder}/feed/luci-app-postern/po/${po}/postern.po`)),
  }));
const built = build();

describe.each(offered)('%s', (code, po, defaults) => {
  const place = offered.findIndex(([one]) => one === code);
  const ipk = built.ipks[place] ?? Buffer.alloc(0);
  const { control, scripts, conffiles, tree, faults } = readIpk(ipk);

  test('the package has no fault, and fits', () => {
    expect(faults).toEqual([]);
    expect(ipk.length).toBeLessThanOrEqual(20_000);
  });

  test('has the catalogue, and tells LuCI of the language once', () => {
    const files = tree.filter(({ isFolder }) => !isFolder);
    expect(files.map(({ name, mode }) => `${mode.toString(8)} ${name.slice(1)}`)).toEqual([
      `644 /etc/uci-defaults/${nameOf(code)}`,
      `644 /usr/lib/lua/luci/i18n/postern.${code}.lmo`,
    ]);
    expect(files[0]?.bytes.toString()).toBe(defaults);
    const catalogue = readFileSync(`openwrt-package/luci-app-postern/po/${po}/postern.po`, 'utf8');
    expect(files[1]?.bytes.equals(lmoOf(parsePo(catalogue)))).toBe(true);
    expect(spawnSync('busybox', ['ash', '-n'], { input: files[0]?.bytes }).status).toBe(0);
  });

  test('what it says of itself', () => {
    expect(Object.fromEntries(control)).toMatchObject({
      Package: nameOf(code),
      Version: '0.1.0-r1',
      Architecture: 'all',
      Section: 'luci',
      Depends: 'luci-app-postern',
    });
    expect(conffiles).toEqual([]);
    expect([...scripts.keys()]).toEqual(['postinst', 'prerm']);
  });

  test('apk has the list by which what it tells LuCI is run', () => {
    const [description] = translations.slice(place);
    if (description === undefined) throw new Error('no description');
    const entries = tree.slice(1).map(({ name, mode, isFolder, bytes }) => ({
      path: name.slice(1).replace(/\/$/, ''),
      mode,
      ...(isFolder ? {} : { bytes }),
    }));
    const list = apkTree(description, entries).filter(({ path }) => path.startsWith('/lib/apk/packages/'));
    expect(list.map(({ path, bytes }) => [path, bytes?.toString()])).toEqual([
      [
        `/lib/apk/packages/${nameOf(code)}.list`,
        `/etc/uci-defaults/${nameOf(code)}\n/usr/lib/lua/luci/i18n/postern.${code}.lmo\n`,
      ],
    ]);
    expect(apkScripts(description, {})['post-install']).toContain('default_postinst');
  });
});

test('equal sources make equal bytes', () => {
  const again = build();
  for (const [place, ipk] of built.ipks.entries()) expect(again.ipks[place]?.equals(ipk)).toBe(true);
});

test('the feed has the catalogues in the pages’ folder, of which LuCI’s rules make these packages themselves', () => {
  expect(built.catalogues).toEqual([true, true, true]);
  expect(built.inFeed).toEqual([]);
  expect(built.makefile).not.toMatch(/i18n|lmo/);
});
