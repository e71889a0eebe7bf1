import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openSuffixes } from '../../daemon/names/public-suffix.ts';
import { packSuffixes } from '../../daemon/names/suffix-pack.ts';
import { packed, registrableDomain, rules } from './suffix-rules.ts';

/** The vectors that publicsuffix.org publishes (test_psl.txt), but for those of input that DNS cannot hold. */
const vectors: readonly (readonly [name: string, domain: string | undefined])[] = [
  // Unlisted TLD.
  ['example', undefined],
  ['example.example', 'example.example'],
  ['b.example.example', 'example.example'],
  ['a.b.example.example', 'example.example'],
  // TLD with only one rule.
  ['biz', undefined],
  ['domain.biz', 'domain.biz'],
  ['b.domain.biz', 'domain.biz'],
  ['a.b.domain.biz', 'domain.biz'],
  // TLD with some rules of two levels.
  ['com', undefined],
  ['example.com', 'example.com'],
  ['b.example.com', 'example.com'],
  ['a.b.example.com', 'example.com'],
  ['uk.com', undefined],
  ['example.uk.com', 'example.uk.com'],
  ['b.example.uk.com', 'example.uk.com'],
  ['a.b.example.uk.com', 'example.uk.com'],
  ['test.ac', 'test.ac'],
  // TLD with only one rule, a wildcard.
  ['mm', undefined],
  ['c.mm', undefined],
  ['b.c.mm', 'b.c.mm'],
  ['a.b.c.mm', 'b.c.mm'],
  // More complex TLD.
  ['jp', undefined],
  ['test.jp', 'test.jp'],
  ['www.test.jp', 'test.jp'],
  ['ac.jp', undefined],
  ['test.ac.jp', 'test.ac.jp'],
  ['www.test.ac.jp', 'test.ac.jp'],
  ['kyoto.jp', undefined],
  ['test.kyoto.jp', 'test.kyoto.jp'],
  ['ide.kyoto.jp', undefined],
  ['b.ide.kyoto.jp', 'b.ide.kyoto.jp'],
  ['a.b.ide.kyoto.jp', 'b.ide.kyoto.jp'],
  ['c.kobe.jp', undefined],
  ['b.c.kobe.jp', 'b.c.kobe.jp'],
  ['a.b.c.kobe.jp', 'b.c.kobe.jp'],
  ['city.kobe.jp', 'city.kobe.jp'],
  ['www.city.kobe.jp', 'city.kobe.jp'],
  // TLD with a wildcard and exceptions.
  ['ck', undefined],
  ['test.ck', undefined],
  ['b.test.ck', 'b.test.ck'],
  ['a.b.test.ck', 'b.test.ck'],
  ['www.ck', 'www.ck'],
  ['www.www.ck', 'www.ck'],
  // US K12.
  ['us', undefined],
  ['test.us', 'test.us'],
  ['www.test.us', 'test.us'],
  ['ak.us', undefined],
  ['test.ak.us', 'test.ak.us'],
  ['www.test.ak.us', 'test.ak.us'],
  ['k12.ak.us', undefined],
  ['test.k12.ak.us', 'test.k12.ak.us'],
  ['www.test.k12.ak.us', 'test.k12.ak.us'],
  // Internationalised labels, in punycode.
  ['xn--85x722f.com.cn', 'xn--85x722f.com.cn'],
  ['xn--85x722f.xn--55qx5d.cn', 'xn--85x722f.xn--55qx5d.cn'],
  ['www.xn--85x722f.xn--55qx5d.cn', 'xn--85x722f.xn--55qx5d.cn'],
  ['shishi.xn--55qx5d.cn', 'shishi.xn--55qx5d.cn'],
  ['xn--55qx5d.cn', undefined],
  ['xn--85x722f.xn--fiqs8s', 'xn--85x722f.xn--fiqs8s'],
  ['www.xn--85x722f.xn--fiqs8s', 'xn--85x722f.xn--fiqs8s'],
  ['shishi.xn--fiqs8s', 'shishi.xn--fiqs8s'],
  ['xn--fiqs8s', undefined],
];

test.each(vectors)('%s belongs to %s', (name, domain) => {
  expect(registrableDomain(name)).toBe(domain);
});

test.each([
  // Customers of a hoster are strangers to each other.
  ['ec2-198-51-100-7.compute-1.amazonaws.com', undefined],
  ['email-smtp.eu-west-1.amazonaws.com', 'amazonaws.com'],
  ['someone.github.io', 'someone.github.io'],
  ['mx.home.duckdns.org', 'home.duckdns.org'],
  ['smtp.btinternet.co.uk', 'btinternet.co.uk'],
])('private suffixes count: %s belongs to %s', (name, domain) => {
  expect(registrableDomain(name)).toBe(domain);
});

test.each([
  '',
  '.com',
  'example.com.',
  'Example.com',
  'a..com',
  '192.0.2.7',
  '::1',
  'sp ace.com',
  'a'.repeat(64),
])('what DNS has in no such form is no name: %j', (name) => expect(registrableDomain(name)).toBeUndefined());

/** The algorithm as publicsuffix.org words it, over plain text. */
function plainly(name: string): string | undefined {
  const labels = name.split('.');
  const matches = (rule: readonly string[]) =>
    rule.length <= labels.length &&
    rule.every((label, index) => label === '*' || label === labels.at(index - rule.length));
  const tail = labels.at(-1) ?? '';
  const found = (byEnd.get(tail) ?? []).filter(({ parts }) => matches(parts));
  const exception = found.find(({ isException }) => isException);
  const longest = Math.max(1, ...found.map(({ parts }) => parts.length));
  const count = exception ? exception.parts.length - 1 : longest;
  return labels.length > count ? labels.slice(-count - 1).join('.') : undefined;
}
const byEnd = new Map<string, { parts: string[]; isException: boolean }[]>();
for (const rule of rules) {
  const parts = rule.replace('!', '').split('.');
  const tail = parts.at(-1) ?? '';
  byEnd.set(tail, [...(byEnd.get(tail) ?? []), { parts, isException: rule.startsWith('!') }]);
}

describe('the packed list', () => {
  test('says of every rule, and of names below it, what the list says', () => {
    for (const rule of rules) {
      const base = rule.replace('!', '').replace('*', 'wild');
      for (const name of [base, `a.${base}`, `b.a.${base}`])
        expect([name, registrableDomain(name)]).toEqual([name, plainly(name)]);
    }
  });

  test('and of any name', () => {
    const label = fc.constantFrom(
      'a',
      'mail',
      'com',
      'co',
      'uk',
      'ck',
      'www',
      'jp',
      'kobe',
      'city',
      'xn--p1ai',
      'io',
      'github',
    );
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 6 }), (labels) => {
        const name = labels.join('.');
        expect(registrableDomain(name)).toBe(plainly(name));
      }),
      { numRuns: 2000 },
    );
  });

  test('a name with the hash of a rule that is none of its own is told from it', () => {
    expect(registrableDomain('io.com.jp.io')).toBe('jp.io');
  });

  test('is small', () => {
    expect(packed.length).toBeLessThan(44_000);
  });

  test('bytes that are no list tell nothing, and never throw', () => {
    expect(openSuffixes(packSuffixes([]))('smtp.mail.example.org')).toBe('example.org');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(openSuffixes(bytes)('smtp.mail.example.org')?.endsWith('.org')).not.toBe(false);
      }),
    );
    expect(openSuffixes(packed.slice(0, 400))('b.example.co.uk')).toBeUndefined();
  });

  test('rules that are not in ASCII are refused, repeated ones are one', () => {
    expect(() => packSuffixes(['b\u00fccher.example'])).toThrow();
    expect(packSuffixes(['co.uk', 'co.uk'])).toEqual(packSuffixes(['co.uk']));
    expect(domainToASCII('b\u00fccher.example')).toBe('xn--bcher-kva.example');
  });
});
