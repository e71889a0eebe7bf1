import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { verbArguments } from '../../../daemon/control/verb-arguments.ts';

const root = 'openwrt-package/luci-app-postern/root/usr/share';
const plugin = readFileSync(`${root}/rpcd/ucode/postern.uc`, 'utf8');
const groups = JSON.parse(readFileSync(`${root}/rpcd/acl.d/luci-app-postern.json`, 'utf8'));
const menu = JSON.parse(readFileSync(`${root}/luci/menu.d/luci-app-postern.json`, 'utf8'));

/** Verbs that are nobody's business in a browser: one takes everything from the broker, the other is no question. */
const notThere = ['mqtt-clean', 'follow'];
const verbs = Object.keys(verbArguments).filter((verb) => !notThere.includes(verb));

/** What strengthens or weakens the guard, or sends something; the rest only looks. */
const writes =
  'look_up slow restrict block quarantine release allow disallow watch pause resume acknowledge pin forget test'.split(
    ' ',
  );

/** Methods of the plugin with their arguments' types by name. */
const methods = new Map(
  [...plugin.matchAll(/^\t(\w+): method\('([\w-]+)', (.*)\),?$/gm)].map(
    ([, name = '', verb = '', args = '']) => {
      const spread = args
        .replaceAll(/\.\.\.page|\bpage\b/g, "after: '', limit: 0")
        .replaceAll(/^held$/g, "device: '', for: ''");
      const types = [...spread.matchAll(/(\w+): (''|0|false)/g)].map(([, key, example]) => [
        key,
        { "''": 'string', 0: 'number', false: 'boolean' }[example ?? ''],
      ]);
      return [name, { verb, types: Object.fromEntries(types) as Record<string, string> }];
    },
  ),
);

test('there is a method for each verb, with its arguments', () => {
  expect([...methods.keys()].toSorted()).toEqual([...verbs, 'look_up'].toSorted());
  for (const [name, { verb, types }] of methods) {
    expect(verb).toBe(name === 'look_up' ? 'blocklists' : name);
    // To ask the lists is no reading: the keepers of a list see it, and refuse a home that asks too often.
    const known: Record<string, string> =
      name === 'blocklists' ? {} : verbArguments[verb as keyof typeof verbArguments];
    const wanted = Object.entries(known).map(([argument, type]) => [argument, type.replace('?', '')]);
    expect({ verb, types }).toEqual({ verb, types: Object.fromEntries(wanted) });
  }
});

test('reading and writing are apart, and nothing else is granted', () => {
  const { description, ...rights } = groups['luci-app-postern'];
  expect(description).toEqual(expect.any(String));
  expect(Object.keys(rights)).toEqual(['read', 'write']);
  expect(rights.write).toEqual({ ubus: { postern: writes } });
  expect(Object.keys(rights.read)).toEqual(['ubus']);
  expect(Object.keys(rights.read.ubus)).toEqual(['postern']);
  expect(rights.read.ubus.postern.toSorted()).toEqual(
    ['overview', ...verbs.filter((verb) => !writes.includes(verb))].toSorted(),
  );
});

test('who may see the page sees no password: settings are a right of their own', () => {
  expect(Object.keys(groups)).toEqual(['luci-app-postern', 'luci-app-postern-settings']);
  const { read, write } = groups['luci-app-postern-settings'];
  expect({ read, write }).toEqual({ read: { uci: ['postern'] }, write: { uci: ['postern'] } });
  expect(menu['admin/services/postern/settings'].depends).toEqual({ acl: ['luci-app-postern-settings'] });
});

test('the menu: two views below Services, for who may see them', () => {
  expect(Object.keys(menu)).toEqual([
    'admin/services/postern',
    'admin/services/postern/status',
    'admin/services/postern/settings',
  ]);
  expect(menu['admin/services/postern'].depends).toEqual({
    acl: ['luci-app-postern'],
    uci: { postern: true },
  });
  expect(menu['admin/services/postern/status'].action).toEqual({ type: 'view', path: 'postern/status' });
  expect(menu['admin/services/postern/settings'].action).toEqual({ type: 'view', path: 'postern/settings' });
});
