import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatIp, parseIp } from '../../daemon/address/ip.ts';
import { contains, formatPrefix, parsePrefix, prefixOf } from '../../daemon/address/prefix.ts';
import {
  type ProviderList,
  type ProviderSource,
  packProviders,
} from '../../daemon/detection/provider-pack.ts';
import { noProviders, openProviders } from '../../daemon/detection/providers.ts';
import { bounds } from '../../daemon/enforcement/sets.ts';
import { groupOf, providerList, providers } from './provider-data.ts';

const prefixes = providerList.providers.flatMap(({ name }) =>
  providers.prefixesOf(name).map((text) => ({ name, text, prefix: parsePrefix(text) })),
);

test('the table is canonical: prefixes that can be read, none inside another, as many as the kernel takes', () => {
  for (const { name, title, source } of providerList.providers) {
    const own = providers.prefixesOf(name);
    expect(own.length).toBeGreaterThan(0);
    expect(own.length).toBeLessThanOrEqual(bounds.providerPrefixes);
    expect([title, source]).not.toContain('');
  }
  expect(providers.source).toBe(`${providerList.source}, ${providerList.date}`);
  for (const { text, prefix } of prefixes) {
    if (!prefix) throw new Error(`unreadable ${text}`);
    expect(formatPrefix(prefix)).toBe(text);
    if (prefix.family === 6) expect(prefix.length).toBeLessThanOrEqual(48);
    const inside = prefixes.filter((other) => other.prefix && contains(other.prefix, prefix));
    expect(inside.map((other) => other.text)).toEqual([text]);
  }
});

test.each([
  ['142.250.153.26', 'google'],
  ['142.251.0.1', 'google'],
  ['74.125.200.27', 'google'],
  ['2a00:1450:4010:c0f::1a', 'google'],
  ['2607:f8b0:4023:c06::1b', 'google'],
  ['40.92.0.1', 'microsoft'],
  ['40.93.255.255', 'microsoft'],
  ['104.47.17.138', 'microsoft'],
  ['52.101.8.49', 'microsoft'],
  ['2a01:111:f403:f90c::1', 'microsoft'],
  ['67.195.204.77', 'yahoo'],
  ['98.136.96.75', 'yahoo'],
  ['17.57.155.23', 'apple'],
  ['68.178.213.37', 'godaddy'],
  ['212.227.15.15', 'ionos'],
  ['81.169.146.243', 'strato'],
  ['66.111.4.71', 'fastmail'],
])('%s is %s', (address, name) => {
  expect(groupOf(address)).toMatchObject({ id: name, provider: name });
});

test.each([
  ['203.0.113.9', '203.0.0.0/16'],
  ['255.255.255.255', '255.255.0.0/16'],
  ['40.94.0.1', '40.94.0.0/16'],
  ['141.255.255.255', '141.255.0.0/16'],
  ['142.252.0.0', '142.252.0.0/16'],
  ['2001:db8:1:2::3', '2001:db8::/32'],
  ['64:ff9b::cb00:7109', '203.0.0.0/16'],
  ['::1', '::/32'],
])('%s is nobody special: %s', (address, id) => {
  expect(groupOf(address)).toEqual({ id, mailboxes: false });
});

test('every provider is found by its first and last address, and not beside them', () => {
  for (const { name, prefix } of prefixes) {
    if (!prefix) continue;
    const size = 1n << BigInt((prefix.family === 4 ? 32 : 128) - prefix.length);
    const first = formatIp(prefix);
    const last = formatIp({ family: prefix.family, value: prefix.value + size - 1n });
    expect([groupOf(first).id, groupOf(last).id]).toEqual([name, name]);
  }
});

test('it agrees with plain containment everywhere', () => {
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6().map((text) => formatIp(parseIp(text) ?? { family: 6, value: 1n })),
    fc
      .constantFrom(...prefixes)
      .chain(({ prefix }) =>
        fc
          .bigInt({ min: -2n, max: 2n })
          .map((by) => formatIp({ family: prefix?.family ?? 4, value: (prefix?.value ?? 9n) + by })),
      ),
  );
  fc.assert(
    fc.property(address, (text) => {
      const ip = parseIp(text);
      if (!ip || text.startsWith('64:ff9b:')) return;
      const provider = prefixes.find(({ prefix }) => prefix && contains(prefix, ip));
      const plain = formatPrefix(prefixOf(ip, ip.family === 4 ? 16 : 32));
      expect(groupOf(text).id).toBe(provider?.name ?? plain);
    }),
    { numRuns: 1000 },
  );
});

test('what is no address, and no provider', () => {
  expect(groupOf('nonsense').id).toBe('unreadable');
  expect(providers.prefixesOf('nobody')).toEqual([]);
  expect(providers.prefixesOf('google')).toBe(providers.prefixesOf('google'));
});

test.each([
  ['gmail-smtp-in.l.google.com', 'google'],
  ['example-org.mail.protection.outlook.com', 'microsoft'],
  ['mta5.am0.yahoodns.net', 'yahoo'],
  ['smtp.mail.me.com', 'apple'],
  ['email-smtp.eu-west-1.amazonaws.com', 'amazonses'],
  ['gmail.com', 'google'],
])('%s leads to a server of %s', (name, id) => {
  expect(providers.ownerOf(name)).toBe(providers.ownerOf(name));
  expect(providers.ownerOf(name)).toMatchObject({ id, provider: id });
});

test.each([
  // Names of hosters' customers, which anybody may have, and look-alikes.
  'ec2-198-51-100-7.compute-1.amazonaws.com',
  'vps-1234.vps.ovh.net',
  'ip-198-51-100-7.ip.secureserver.net',
  'c-73-1-2-3.hsd1.ma.comcast.net',
  'notgmail.com',
  'gmail.com.evil.example',
  'com',
  '',
])('%s speaks for nobody', (name) => {
  expect(providers.ownerOf(name)).toBeUndefined();
});

const one: ProviderSource = {
  name: 'one',
  title: 'One',
  mailboxes: true,
  source: 'test',
  date: '2026-11',
  domains: ['one.example'],
  spf: [],
  mx: [],
  blocks: ['198.51.100.0/24', '2001:db8::/33'],
  found: ['198.51.100.128/25', '192.0.2.7'],
};
const list = (...entries: ProviderSource[]): ProviderList => ({
  date: '2026-11-25',
  source: 'test',
  providers: entries,
});

test('what the records said is added to what was written by hand, once', () => {
  const table = openProviders(packProviders(list(one)));
  expect(table.prefixesOf('one')).toEqual(['192.0.2.7', '198.51.100.0/24', '2001:db8::/33']);
  expect(table.groupOf('192.0.2.7')).toEqual({ id: 'one', provider: 'one', mailboxes: true });
  expect(table.groupOf('192.0.2.8').id).toBe('192.0.0.0/16');
  expect(table.groupOf('2001:db8:7fff:ffff::1').id).toBe('one');
  expect(table.groupOf('2001:db8:8000::1').id).toBe('2001:db8::/32');
  expect(table.source).toBe('test, 2026-11-25');
});

test.each([
  ['a block of two providers', list(one, { ...one, name: 'two', blocks: ['198.51.0.0/16'], found: [] })],
  ['the same name twice', list(one, { ...one, blocks: [], found: [] })],
  ['a name that is none', list({ ...one, name: 'One!' })],
  ['a block with host bits', list({ ...one, blocks: ['198.51.100.1/24'] })],
  ['the whole internet', list({ ...one, blocks: ['0.0.0.0/0'] })],
  ['IPv6 beyond /48', list({ ...one, blocks: ['2001:db8::/64'] })],
  ['a domain that is no ASCII', list({ ...one, domains: ['b\u00fccher.example'] })],
])('%s is not packed', (_, bad) => {
  expect(() => packProviders(bad)).toThrow();
});

test('bytes that are no table know nobody, and never throw', () => {
  const whole = packProviders(providerList);
  for (let end = 0; end < whole.length; end += 7)
    expect(openProviders(whole.slice(0, end)).groupOf('142.250.1.26').id).toBe('142.250.0.0/16');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const table = openProviders(bytes);
      expect(typeof table.groupOf('142.250.1.26').id).toBe('string');
      expect(typeof table.groupOf('2a00:1450::1').id).toBe('string');
    }),
  );
  expect(noProviders.groupOf('142.250.1.26')).toEqual({ id: '142.250.0.0/16', mailboxes: false });
  expect(noProviders.ownerOf('gmail.com')).toBeUndefined();
});

test('it is small', () => {
  expect(packProviders(providerList).length).toBeLessThan(8000);
});
