import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatIp, parseIp } from '../../daemon/address/ip.ts';
import { contains, formatPrefix, parsePrefix, prefixOf } from '../../daemon/address/prefix.ts';
import { providers } from '../../daemon/detection/provider-table.ts';
import { groupOf, providerNamed } from '../../daemon/detection/providers.ts';

const prefixes = providers.flatMap(({ name, prefixes: texts }) =>
  texts.map((text) => ({ name, text, prefix: parsePrefix(text) })),
);

test('the table is canonical: names of our own form, prefixes that can be read, none inside another', () => {
  for (const { name, prefixes: texts } of providers) {
    expect(name).toMatch(/^[a-z0-9_]+$/);
    expect(texts.length).toBeLessThanOrEqual(64);
  }
  expect(new Set(providers.map(({ name }) => name)).size).toBe(providers.length);
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

test('providers by name', () => {
  expect(providerNamed('google')?.title).toBe('Google');
  expect(providerNamed('nobody')).toBeUndefined();
  expect(groupOf('nonsense').id).toBe('unreadable');
});
