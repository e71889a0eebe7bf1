import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { postern } from '../../openwrt-package/build/package-description.ts';
import { readIpk } from '../../openwrt-package/build/read-ipk.ts';
import { apkScripts } from '../../openwrt-package/build/scripts.ts';
import { builtIpk } from './built.ts';
import { makeRouter, type RouterTree } from './router-tree.ts';

const ipk = builtIpk();
const prerm = readIpk(ipk).scripts.get('prerm-pkg') ?? '';

/** The init script's stop: the daemon ends a second later, and its last transaction makes the table anew. */
const stop = `#!/bin/sh
echo "init $*" >>/calls
[ -S /var/run/postern/postern.sock ] || exit 0
(sleep 1; : >/table; rm -f /var/run/postern/postern.sock) &
`;

const functions = `default_prerm() {
	echo default_prerm >>/calls
	/etc/init.d/postern disable
	/etc/init.d/postern stop
}
`;

describe.skipIf(process.getuid?.() !== 0)('removal', () => {
  let router: RouterTree;
  beforeEach(() => {
    router = makeRouter(ipk);
    router.set('firewall.postern', 'include');
    router.write('/etc/postern/state.json', '{}');
    router.write('/var/run/postern/config.json', '{}');
    router.write('/var/run/postern.no-node', '');
    router.write('/var/run/postern.bad-config', '');
    router.write('/table', '');
    router.write('/prerm-pkg', prerm, 0o755);
    router.write('/lib/functions.sh', functions);
    router.write('/pre-deinstall', apkScripts(postern, { prerm })['pre-deinstall'], 0o755);
    // What OpenWrt's build makes of it for apk: the service is stopped before.
    router.write('/pre-deinstall-sdk', `#!/bin/sh\n. /lib/functions.sh\ndefault_prerm\n${prerm}\n`, 0o755);
    router.write('/etc/init.d/postern', stop, 0o755);
  });
  afterEach(() => router.remove());

  test.each(['( . /prerm-pkg )', '/pre-deinstall', '/pre-deinstall-sdk'])(
    '%s takes away table, include and runtime files',
    (command) => {
      const { status, calls } = router.run(command);
      expect(status).toBe(0);
      expect(calls).toEqual(
        expect.arrayContaining(['init stop', 'uci delete firewall.postern', 'uci commit firewall']),
      );
      expect(calls.indexOf('init stop')).toBeLessThan(calls.indexOf('nft delete table inet postern'));
      expect(router.has('/table')).toBe(false);
      expect(router.has('/var/run/postern')).toBe(false);
      expect(router.has('/var/run/postern.no-node')).toBe(false);
      expect(router.has('/var/run/postern.bad-config')).toBe(false);
      expect(router.has('/etc/postern/state.json')).toBe(true);
      expect(router.has('/etc/config/postern')).toBe(true);
      expect(calls.includes('default_prerm')).toBe(command.startsWith('/pre-deinstall'));
    },
  );

  test('topics at the broker go while the daemon still runs', async () => {
    const server = createServer().listen(join(router.dir, 'var/run/postern/postern.sock'));
    await once(server, 'listening');
    const { calls } = router.run('( . /prerm-pkg )');
    server.close();
    const cleaned = calls.indexOf('node --max-semi-space-size=1 /usr/lib/postern/postern.cjs mqtt-clean');
    expect(cleaned).toBeGreaterThan(-1);
    expect(cleaned).toBeLessThan(calls.indexOf('init stop'));
    expect(router.has('/table')).toBe(false);
  });

  test.each([
    ['an upgrade by opkg', 'PKG_UPGRADE=1; ( . /prerm-pkg )'],
    ['an upgrade that only says so', 'go() { ( . /prerm-pkg ); }; go prerm upgrade 0.2.0'],
    ['an image that is being built', 'IPKG_INSTROOT=/x; ( . /prerm-pkg )'],
  ])('%s keeps everything', (_, command) => {
    expect(router.run(command)).toMatchObject({ status: 0, calls: [] });
    expect(router.has('/table')).toBe(true);
    expect(router.has('/var/run/postern/config.json')).toBe(true);
  });
});
