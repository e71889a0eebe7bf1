import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { builtIpk } from './built.ts';
import { makeRouter, type RouterTree } from './router-tree.ts';

const ipk = builtIpk();
const reload = '/etc/rc.common /etc/init.d/postern reload';
const config = '/var/run/postern/config.json';

/** chroot is root's. */
describe.skipIf(process.getuid?.() !== 0)('a reload of the service', () => {
  let router: RouterTree;
  beforeEach(() => {
    router = makeRouter(ipk);
  });
  afterEach(() => router.remove());

  test('renders the configuration anew, and tells it to the daemon that runs already', () => {
    const told = () => router.run(reload).calls.filter((call) => call.startsWith('kill'));
    const { calls } = router.run(reload);
    expect(calls).toContain('procd_open_instance guard');
    expect(calls.join()).not.toMatch(/kill|reload_signal/);
    router.process(700, { exe: '/usr/bin/node', caught: '0000000000014603' });
    expect(told()).toEqual(['kill -HUP 700']);
    // One that only starts: the signal would end it, and it has not read the configuration yet.
    router.process(600, { exe: '/usr/bin/node', caught: '0000000000014602' });
    expect(told()).toEqual([]);
    // Under ujail, whose child it is.
    router.process(800, { exe: '/sbin/ujail', caught: 'fffffffc7ffbeaff' });
    expect(told()).toEqual([]);
    router.process(801, { exe: '/usr/bin/node', parent: 800, caught: '0000000000014603' });
    expect(told()).toEqual(['kill -HUP 801']);
  });

  // procd ends what a service no more names: a daemon must not go because nobody answered once.
  test('while ubus does not tell the configuration leaves the daemon with the last one, and says so', () => {
    router.run(reload);
    router.process(700, { exe: '/usr/bin/node', caught: '0000000000014603' });
    const before = router.read(config);
    router.run('rm /ubus/uci-postern.json');
    const { calls } = router.run(reload);
    expect(calls).toContain('procd_open_instance guard');
    expect(calls.join()).toMatch(/daemon\.err .*does not tell .* goes on with the last/);
    expect(router.read(config)).toBe(before);
  });

  test('starts no daemon with a configuration of long ago, or with one that the daemon made', () => {
    router.run(reload);
    router.run('rm /ubus/uci-postern.json');
    expect(router.run(reload).calls).not.toContain('procd_open_instance guard');
    router.process(700, { exe: '/usr/bin/node', caught: '0000000000014603' });
    router.run(`chown postern ${config}`);
    expect(router.run(reload).calls).not.toContain('procd_open_instance guard');
  });

  // A trial of Node takes memory, and the one that runs has shown that it can.
  test('keeps the daemon whose Node does not answer once, but not one whose Node is another by now', () => {
    router.process(700, { exe: '/usr/bin/node', caught: '0000000000014603' });
    router.run('rm /usr/bin/node.version');
    const { calls } = router.run(reload);
    expect(calls).toContain('procd_open_instance guard');
    expect(calls).toContain('kill -HUP 700');
    router.process(701, { exe: '/usr/bin/node (deleted)', caught: '0000000000014603' });
    expect(router.run(reload).calls).not.toContain('procd_open_instance guard');
  });

  test('without Node takes the table away where the owner wants to be told only', () => {
    router.run('rm /usr/bin/node');
    router.run(reload);
    expect(router.has('/table')).toBe(true);
    router.set('postern.main.mode', 'observe');
    router.run(reload);
    expect(router.has('/table')).toBe(false);
  });
});
