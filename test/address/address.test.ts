import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyOfAddress, keyOfMac, parseDeviceKey, targetOf } from '../../daemon/address/device-key.ts';
import { canonicalIp, formatIp, parseIp } from '../../daemon/address/ip.ts';
import { isRandomised, parseMac } from '../../daemon/address/mac.ts';
import { contains, formatPrefix, parsePrefix } from '../../daemon/address/prefix.ts';

const digits = fc.string({ unit: fc.constantFrom(...'0123456789abcdefF:./%x '), maxLength: 45 });

describe('addresses', () => {
  test.each([
    ['0:0:0:0:0:0:0:0', '::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['fe80::1', 'fe80::1'],
    ['192.0.2.1', '192.0.2.1'],
  ])('%s is %s', (text, canonical) => expect(canonicalIp(text)).toBe(canonical));

  test.each([
    '010.1.1.1',
    '1.2.3',
    '1.2.3.256',
    'fe80::1%br-lan',
    '1::2::3',
    ':1',
    '1:2:3:4:5:6:7',
    '',
    ' 1.2.3.4',
    '1:2:3:4:5:6:7:8:9',
  ])('"%s" is none', (text) => expect(parseIp(text)).toBeUndefined());

  test("agrees with Node's own reading, but for zones", () => {
    fc.assert(
      fc.property(fc.oneof(digits, fc.ipV4(), fc.ipV6()), (text) => {
        const expected = text.includes('%') ? 0 : isIP(text);
        expect(parseIp(text)?.family ?? 0).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });

  test('what is written is read back', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const ip = parseIp(text);
        if (!ip) throw new Error(text);
        expect(parseIp(formatIp(ip))).toEqual(ip);
      }),
    );
  });

  test('prefixes drop their host bits, and hold their own addresses only', () => {
    const net = parsePrefix('198.51.100.77/24');
    if (!net) throw new Error();
    expect(formatPrefix(net)).toBe('198.51.100.0/24');
    const holds = (text: string) => contains(net, parseIp(text) ?? { family: 4, value: 0n });
    expect([holds('198.51.100.255'), holds('198.51.101.0'), holds('::c633:6401')]).toEqual([
      true,
      false,
      false,
    ]);
    for (const bad of ['1.2.3.4/33', '1.2.3.4/', '1.2.3.4/8/8', '::/129', '1.2.3.4/-1'])
      expect(parsePrefix(bad)).toBeUndefined();
  });
});

describe('MACs and keys', () => {
  test('a MAC in any usual form is one key', () => {
    for (const text of ['EC:71:DB:00:11:22', 'ec-71-db-00-11-22', 'ec71db001122']) {
      expect(parseDeviceKey(text)).toBe('ec71db001122');
    }
    for (const bad of [
      'ff:ff:ff:ff:ff:ff',
      '01:00:5e:00:00:01',
      '00:00:00:00:00:00',
      'ec:71:db:00:11',
      'ec71:db00:1122',
    ]) {
      expect(parseMac(bad)).toBeUndefined();
    }
  });

  test('bit 0x02 marks a random one', () => {
    expect(
      ['da:a1:19:00:00:01', 'ec:71:db:00:00:01'].map((text) => isRandomised(parseMac(text) ?? ('' as never))),
    ).toEqual([true, false]);
  });

  test('an IPv6 address is its /64, and a key stands for its kind', () => {
    expect(keyOfAddress('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::');
    const mac = parseMac('ec:71:db:00:11:22');
    if (!mac) throw new Error();
    expect(targetOf(keyOfMac(mac))).toEqual({ kind: 'mac', mac });
    expect(targetOf('router' as never)).toBeUndefined();
    expect(parseDeviceKey('"; flush ruleset')).toBeUndefined();
  });
});
