import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { DeviceRule } from '../../daemon/config/config.ts';
import { createNameBook, mostJoining, mostLabels } from '../../daemon/names/name-book.ts';
import { naming } from '../../daemon/names/naming.ts';
import { noSuffixes } from '../../daemon/names/public-suffix.ts';
import { createReplyReader } from '../../daemon/names/replies.ts';
import { providers } from '../detection/provider-data.ts';
import { registrableDomain } from './suffix-rules.ts';

const rule = (...hosts: string[]): DeviceRule => ({
  keys: [],
  exempt: false,
  relays: hosts.map((host) => ({ host, port: 587 as const })),
  action: 'auto',
});
const config = {
  devices: [rule('smtp.isp.example', 'smtp.gmail.com'), rule('mail.school.co.uk')],
  mailDomains: ['telco.example'],
};
const nameOf = naming(config, providers, registrableDomain);
const groupOf = (...names: string[]) => nameOf(names).group?.id;

describe('a name joins servers', () => {
  test("under a provider's own domain", () => {
    expect(nameOf(['smtp.gmail.com']).group).toBe(providers.groupOf('142.250.1.1'));
    expect(groupOf('x.mail.protection.outlook.com')).toBe('microsoft');
  });

  test("where it is a relay's host, by the domain of its owner", () => {
    expect(nameOf(['smtp.isp.example'])).toEqual({
      domain: 'isp.example',
      group: { id: 'isp.example', mailboxes: false },
    });
    expect(groupOf('mail.school.co.uk')).toBe('school.co.uk');
  });

  test('under a domain that the owner named', () => {
    expect(groupOf('telco.example')).toBe('telco.example');
    expect(groupOf('out7.mail.telco.example')).toBe('telco.example');
  });

  test('by whichever of its aliases', () => {
    expect(groupOf('smtp.isp.example', 'pool.cdn.example')).toBe('isp.example');
    expect(groupOf('smtp.home.example', 'mx.telco.example')).toBe('telco.example');
  });
});

describe('a name joins nothing', () => {
  test.each([
    ['of whom nobody vouches', ['mx.evil.example']],
    ['of the same domain as a relay: customers of a hoster have names there', ['vps7.isp.example']],
    ['that only ends alike', ['nottelco.example']],
    ['that goes on behind it', ['telco.example.evil.example']],
    ['where none is known', []],
  ])('%s', (_, names) => {
    expect(nameOf(names).group).toBeUndefined();
  });

  test('longer than an id may be', () => {
    const long = `${'a'.repeat(50)}.${'b'.repeat(50)}.example`;
    expect(naming({ devices: [rule(long)], mailDomains: [] }, providers, noSuffixes)([long])).toEqual({});
  });
});

test('words come from the name that was asked for, and are short', () => {
  expect(nameOf(['mail.evil.example', 'x.elsewhere.example']).domain).toBe('evil.example');
  expect(nameOf([`${'a'.repeat(60)}.example`]).domain).toBeUndefined();
  expect(nameOf(['com']).domain).toBeUndefined();
});

test('without public suffixes a relay is a group by itself', () => {
  const bare = naming(config, providers, noSuffixes);
  expect(bare(['mail.school.co.uk'])).toEqual({ group: { id: 'mail.school.co.uk', mailboxes: false } });
});

describe('the book', () => {
  test('full of names it holds no more than them, whatever was read with them', () => {
    const reader = createReplyReader();
    const book = createNameBook();
    const filling = 'Nov 25 17:00:00 dnsmasq[7]: query[A] something.else.example from 192.168.1.20\n'.repeat(
      200,
    );
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    gc();
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < mostLabels; n++) {
      const line = `Nov 25 17:00:00 dnsmasq[7]: reply host.a-domain-of-some-length-${n}.example is 10.${n >> 8}.${n & 255}.1\n`;
      reader.push(filling + line, ({ names, address }) => book.note(address, nameOf(names), 0));
    }
    gc();
    expect(book.find('10.0.0.1', 0)?.named.domain).toBe('a-domain-of-some-length-0.example');
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(16 * 1024 * 1024);
  });

  const join = { group: { id: 'isp.example', mailboxes: false } };

  test('a name that joins is kept for a day, one that labels for an hour', () => {
    const book = createNameBook();
    book.note('192.0.2.1', join, 0);
    book.note('192.0.2.2', { domain: 'a.example' }, 0);
    expect(book.find('192.0.2.1', 86_400_000)?.named).toBe(join);
    expect(book.find('192.0.2.1', 86_400_001)).toBeUndefined();
    expect(book.find('192.0.2.2', 3_600_000)?.named.domain).toBe('a.example');
    expect(book.find('192.0.2.2', 3_600_001)).toBeUndefined();
  });

  test('whoever makes names takes no place and no address from one that joins', () => {
    const book = createNameBook();
    book.note('192.0.2.1', join, 0);
    book.note('192.0.2.1', { domain: 'evil.example' }, 1);
    for (let n = 0; n < 3 * mostLabels; n++)
      book.note(`10.${n >> 8}.${n & 255}.1`, { domain: 'evil.example' }, 2);
    expect(book.find('192.0.2.1', 3)?.named).toBe(join);
    expect(book.find('10.0.0.1', 3)).toBeUndefined();
    const last = 3 * mostLabels - 1;
    expect(book.find(`10.${last >> 8}.${last & 255}.1`, 3)).toBeDefined();
  });

  test('of those that join the oldest goes', () => {
    const book = createNameBook();
    for (let n = 0; n <= mostJoining; n++) book.note(`10.${n >> 8}.${n & 255}.1`, join, n);
    expect(book.find('10.0.0.1', 0)).toBeUndefined();
    expect(book.find('10.0.1.1', 0)?.named).toBe(join);
  });

  test('the same name again is no news; another is', () => {
    const book = createNameBook();
    book.note('192.0.2.2', { domain: 'a.example' }, 0);
    const entry = book.find('192.0.2.2', 0);
    if (entry) entry.toldMs = 5;
    book.note('192.0.2.2', { domain: 'a.example' }, 10);
    expect(book.find('192.0.2.2', 10)).toMatchObject({ toldMs: 5, atMs: 10 });
    book.note('192.0.2.2', { domain: 'b.example' }, 20);
    expect(book.find('192.0.2.2', 20)?.toldMs).toBe(Number.NEGATIVE_INFINITY);
  });
});
