import { linkSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../../daemon/config/read-config.ts';
import { builtIpk } from './built.ts';
import { makeRouter, type RouterTree } from './router-tree.ts';

const isRoot = process.getuid?.() === 0;
const ipk = builtIpk();
const start = '/etc/rc.common /etc/init.d/postern start';
const saved = '/etc/postern/guard.nft';
const shipped = '/usr/share/postern/guard.nft';

/** chroot is root's. */
describe.skipIf(!isRoot)('the service, under busybox ash', () => {
  let router: RouterTree;
  beforeEach(() => {
    router = makeRouter(ipk);
  });
  afterEach(() => router.remove());

  const procd = (calls: readonly string[]) => calls.filter((line) => line.startsWith('procd_'));
  const told = (calls: readonly string[]) => calls.filter((line) => line.startsWith('logger'));
  const config = () => readConfig(JSON.parse(router.read('/var/run/postern/config.json')));

  test('starts the daemon as its user, with CAP_NET_ADMIN alone, for ever', () => {
    const { status, stderr, calls } = router.run(start);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(procd(calls)).toEqual([
      'procd_open_instance guard',
      'procd_set_param command /usr/bin/node --optimize-for-size --no-opt --no-sparkplug --max-semi-space-size=1 --max-old-space-size=24',
      'procd_append_param command /usr/lib/postern/postern.cjs run --config /var/run/postern/config.json',
      'procd_set_param env PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp POSTERN_SERVICE=1',
      'procd_set_param respawn 3600 5 0',
      'procd_set_param stdout 1',
      'procd_set_param stderr 1',
      'procd_set_param limits core=0 0 nofile=1024 1024',
      'procd_set_param file /usr/lib/postern/postern.cjs',
      'procd_append_param file /usr/lib/postern/postern-mqtt.cjs /usr/lib/postern/postern-names.cjs /usr/lib/postern/postern-history.cjs /usr/lib/postern/postern-data.bin',
      'procd_set_param term_timeout 10',
      'procd_add_jail postern',
      'procd_set_param user postern',
      'procd_set_param group postern',
      'procd_set_param capabilities /etc/capabilities/postern.json',
      'procd_set_param no_new_privs 1',
      'procd_close_instance',
    ]);
    const sets = Object.values(JSON.parse(router.read('/etc/capabilities/postern.json')));
    expect(sets).toEqual(Array.from({ length: 5 }, () => ['CAP_NET_ADMIN']));
  });

  test('renders what the daemon reads, for it alone', () => {
    router.run(start);
    expect(router.modeOf('/var/run/postern/config.json')).toBe('640 0:65536');
    const reading = config();
    expect(reading.ok && reading.config).toMatchObject({ mode: 'observe', node: 'openwrt-1a2b3c' });
    expect(reading.ok && reading.config.networks.map(({ name, role }) => `${name} ${role}`)).toEqual([
      'guest guard',
      'lan guard',
      'vpn guard',
      'wan upstream',
    ]);
  });

  test('renders the zones of the firewall, and starts as well where they cannot be had', () => {
    const dump = JSON.parse(router.read('/ubus/dump.json'));
    const modem = { interface: 'modem', up: true, proto: 'static', l3_device: 'eth1', device: 'eth1' };
    const zone = { '.type': 'zone', '.anonymous': true, network: ['wan', 'modem'], input: 'REJECT' };
    const modemRole = () => {
      router.run(start);
      const reading = config();
      return reading.ok && reading.config.networks.find(({ name }) => name === 'modem')?.role;
    };
    router.write('/ubus/dump.json', JSON.stringify({ interface: [...dump.interface, modem] }));
    router.write('/ubus/uci-firewall-zones.json', JSON.stringify({ values: { cfg1: zone } }));
    expect(modemRole()).toBe('upstream');
    router.run('rm /ubus/uci-firewall-zones.json');
    expect(modemRole()).toBe('guard');
  });

  test('does not start where the options cannot be read: they may say observe', () => {
    router.run('rm /ubus/uci-postern.json');
    const { status, calls } = router.run(start);
    expect(status).not.toBe(0);
    expect(procd(calls)).toEqual([]);
    expect(told(calls).join()).toContain('not started');
    expect(router.has('/var/run/postern/config.json')).toBe(false);
  });

  test('loads the kernel guard before Node: the saved one, else the shipped one', () => {
    const first = router.run(start).calls;
    expect(first.indexOf(`nft -f ${shipped}`)).toBeGreaterThan(first.indexOf(`nft -c -f ${shipped}`));
    expect(first.indexOf('procd_open_instance guard')).toBeGreaterThan(first.indexOf(`nft -f ${shipped}`));
    router.run('rm /table');
    router.write(saved, 'saved');
    expect(router.run(start).calls).toContain(`nft -f ${saved}`);
    router.run('rm /table');
    router.write(saved, 'broken');
    const { calls } = router.run(start);
    expect(calls).not.toContain(`nft -f ${saved}`);
    expect(calls).toContain(`nft -f ${shipped}`);
    expect(told(calls).join()).toContain(`does not take ${saved}`);
  });

  test('leaves a table that is there: an older one would bring back bans that ended', () => {
    router.write('/table', '');
    expect(router.run(start).calls.filter((line) => line.startsWith('nft -f'))).toEqual([]);
  });

  test('loads no guard where the owner wants to be told only', () => {
    router.set('postern.main.mode', 'observe');
    expect(router.run(start).calls.filter((line) => line.startsWith('nft -f'))).toEqual([]);
  });

  test('disabled, it runs nothing and holds nobody', () => {
    router.set('postern.main.enabled', '0');
    router.write('/table', '');
    const { status, calls } = router.run(start);
    expect(status).toBe(0);
    expect(procd(calls)).toEqual([]);
    expect(router.has('/table')).toBe(false);
  });

  test('without Node: one line in the log, the kernel guard, and nothing to start again and again', () => {
    router.run('rm /usr/bin/node');
    const { status, calls } = router.run(start);
    expect(status).toBe(0);
    expect(procd(calls)).toEqual([]);
    expect(router.has('/table')).toBe(true);
    const lines = told(calls).filter((line) => line.includes('daemon.err'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/no Node\.js 20\.18 or later was found: .*kernel guard/);
    expect(router.read('/var/run/postern.no-node')).toMatch(/^no Node\.js 20\.18 .*kernel guard/);
    router.node('/usr/bin/node', '20.20.2');
    router.run(start);
    expect(router.has('/var/run/postern.no-node')).toBe(false);
  });

  test.each<[string, Record<string, string>, string, string | undefined]>([
    ['named', { '/opt/n/node': '22.1.0' }, '/opt/n/node', '/opt/n/node'],
    [
      'named and too old',
      { '/opt/n/node': '18.20.6', '/usr/bin/node': '20.18.0' },
      '/opt/n/node',
      '/usr/bin/node',
    ],
    [
      'a package of its own',
      { '/usr/lib/postern/runtime/bin/node': '24.0.0', '/opt/bin/node': '24.0.0' },
      '',
      '/usr/lib/postern/runtime/bin/node',
    ],
    ['Entware', { '/usr/bin/node': '18.20.6', '/opt/bin/node': '22.0.0' }, '', '/opt/bin/node'],
    ['just too old', { '/usr/bin/node': '20.17.9' }, '', undefined],
    ['not a Node', { '/usr/bin/node': 'x' }, '', undefined],
  ])('finds Node: %s', (_, nodes, named, found) => {
    router.run('rm /usr/bin/node');
    for (const [path, version] of Object.entries(nodes)) router.node(path, version);
    if (named !== '') router.set('postern.main.interpreter', named);
    const { calls } = router.run(start);
    const command = calls.find((line) => line.startsWith('procd_set_param command'))?.split(' ')[2];
    expect(command).toBe(found);
  });

  test('tells why a Node does not run', () => {
    const lacks = 'Error loading shared library libstdc++.so.6: No such file or directory';
    const says = `printf '${lacks}\\nError relocating\\n' >&2; exit 127`;
    for (const [does, reason] of Object.entries({ [says]: lacks, 'kill -SEGV $$': 'Segmentation fault' })) {
      router.write('/usr/bin/node', `#!/bin/sh\n${does}\n`, 0o755);
      expect(told(router.run(start).calls).join()).toContain(`/usr/bin/node does not run (${reason}): `);
    }
  });

  test('lowmem goes to V8, in whichever of UCI’s words', () => {
    const command = () =>
      procd(router.run(start).calls)
        .filter((line) => line.includes('_param command'))
        .join(' ');
    for (const [value, isOn] of [
      ['1', true],
      ['on', true],
      ['0', false],
    ] as const) {
      router.set('postern.main.lowmem', value);
      expect(command().includes('--lite-mode')).toBe(isOn);
    }
  });

  test('without ujail it runs as root, and says so', () => {
    router.run('rm /sbin/ujail');
    const { calls } = router.run(start);
    expect(procd(calls).join()).not.toMatch(/jail|user|capabilities/);
    expect(told(calls).join()).toContain('runs as root: install procd-ujail');
  });

  test('hooks run apart, as their own user without any capability', () => {
    router.write('/etc/postern/hooks.d/ntfy', '#!/bin/sh\n', 0o755);
    const { calls } = router.run(start);
    const hooks = procd(calls).slice(procd(calls).indexOf('procd_open_instance hooks'));
    expect(hooks).toEqual(
      expect.arrayContaining([
        'procd_append_param command /usr/lib/postern/postern.cjs hooks',
        'procd_set_param capabilities /etc/capabilities/postern-hooks.json',
        'procd_set_param no_new_privs 1',
        'procd_set_param user postern-hooks',
        'procd_set_param group postern-hooks',
      ]),
    );
    const sets = Object.values(JSON.parse(router.read('/etc/capabilities/postern-hooks.json')));
    expect(sets).toEqual(Array.from({ length: 5 }, () => []));
  });

  test('a file that cannot be run is no hook', () => {
    router.write('/etc/postern/hooks.d/README', 'x');
    expect(procd(router.run(start).calls)).not.toContain('procd_open_instance hooks');
  });

  test('folders: the daemon may write, and cannot take the place of what is root’s', () => {
    router.run(start);
    expect(router.modeOf('/var/run/postern')).toBe('1771 0:65536');
    expect(router.modeOf('/var/run/postern/events')).toBe('2750 65536:65537');
    expect(router.modeOf('/etc/postern')).toBe('1771 0:65536');
    expect(router.modeOf('/etc/postern/hooks.d')).toBe('755 0:0');
  });

  test('what a time as root left becomes the daemon’s, and nothing else does', () => {
    router.write('/etc/postern/state.json', '{}', 0o600);
    router.write('/etc/postern/history.bin', '', 0o600);
    router.write('/etc/shadow', 'secret', 0o600);
    linkSync(join(router.dir, 'etc/shadow'), join(router.dir, 'etc/postern/guard.nft'));
    symlinkSync('/etc/shadow', join(router.dir, 'etc/postern/state.json.new'));
    router.write('/var/run/postern/postern.sock', '');
    symlinkSync('/etc', join(router.dir, 'var/run/postern/events'));
    // As root it would write once more when it ends.
    expect(router.run(start).calls).toContain(
      'ubus call service delete {"name":"postern","instance":"guard"}',
    );
    expect(router.modeOf('/etc/postern/state.json')).toBe('600 65536:65536');
    expect(router.modeOf('/etc/postern/history.bin')).toBe('600 65536:65536');
    expect(router.modeOf('/etc/shadow')).toBe('600 0:0');
    expect(router.modeOf('/etc')).toBe('755 0:0');
    expect(router.has('/var/run/postern/postern.sock')).toBe(false);
  });

  test('the configuration is put into no folder that the daemon links in its place', () => {
    router.run(start);
    rmSync(join(router.dir, 'var/run/postern/config.json'));
    symlinkSync('/etc', join(router.dir, 'var/run/postern/config.json'));
    const before = readdirSync(join(router.dir, 'etc'));
    router.run(start);
    expect(readdirSync(join(router.dir, 'etc'))).toEqual(before);
    expect(JSON.parse(router.read('/var/run/postern/config.json'))).toHaveProperty('uci');
  });

  test('it is told of changes', () => {
    expect(router.run('/etc/rc.common /etc/init.d/postern triggers').calls).toEqual([
      'procd_add_reload_trigger postern network dhcp firewall',
      'procd_open_trigger',
      'procd_add_raw_trigger interface.* 2000 /etc/init.d/postern reload',
      'procd_close_trigger',
    ]);
  });

  test('the firewall’s include brings the guard back, and never fails', () => {
    expect(router.run('/usr/share/postern/firewall.include')).toMatchObject({ status: 0 });
    expect(router.has('/table')).toBe(true);
    router.run('rm /table /enabled');
    router.run('/usr/share/postern/firewall.include');
    expect(router.has('/table')).toBe(false);
    router.run('rm /usr/bin/nft; touch /enabled');
    expect(router.run('/usr/share/postern/firewall.include')).toMatchObject({ status: 0 });
  });

  test('the include is added to the firewall’s configuration at installation', () => {
    const { calls } = router.run('/etc/uci-defaults/50-postern');
    expect(calls).toEqual(
      expect.arrayContaining([
        'uci batch: set firewall.postern=include',
        "uci batch: set firewall.postern.fw4_compatible='1'",
        "uci batch: set firewall.postern.path='/usr/share/postern/firewall.include'",
      ]),
    );
  });

  test('the command finds Node, and tells its version without', () => {
    expect(router.run('postern status --json').calls.at(-1)).toBe(
      'node --max-semi-space-size=1 /usr/lib/postern/postern.cjs status --json',
    );
    router.run('rm /usr/bin/node');
    expect(router.run('postern --version').stdout).toBe('0.1.0\n');
    expect(router.run('postern status')).toMatchObject({
      status: 69,
      stderr: expect.stringContaining('no Node.js 20.18'),
    });
  });
});
