import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lookUp } from '../../daemon/blocklists/look-up.ts';
import { isPublic, publicAddresses } from '../../daemon/blocklists/public-addresses.ts';
import { queryName } from '../../daemon/blocklists/query-name.ts';
import { type Answered, cannotAsk, readAnswer } from '../../daemon/blocklists/read-answer.ts';
import type { Network } from '../../daemon/config/config.ts';

const zen = 'zen.spamhaus.org';
const network = (role: Network['role'], ...addresses: string[]): Network => ({
  ...{ name: role, role, interfaces: [role], prefixes: [] },
  addresses,
});

describe('the name of a question', () => {
  // The examples of RFC 5782, sections 2.1 and 2.4.
  test('is the address backwards', () => {
    expect(queryName('192.0.2.99', 'bad.example.com')).toBe('99.2.0.192.bad.example.com');
    expect(queryName('2001:db8:1:2:3:4:567:89ab', 'ugly.example.com')).toBe(
      'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ugly.example.com',
    );
    expect(queryName('no address', zen)).toBeUndefined();
  });
});

describe('what a list says', () => {
  const says = (...addresses: string[]) => readAnswer(zen, { addresses });
  test.each([
    ['127.0.0.2', 'listed', /^SBL/],
    ['127.0.0.3', 'listed', /^CSS/],
    ['127.0.0.4', 'listed', /^XBL/],
    ['127.0.0.7', 'listed', /^XBL/],
    ['127.0.0.9', 'listed', /^DROP/],
    ['127.0.0.10', 'normal', /^PBL/],
    ['127.0.0.11', 'normal', /^PBL/],
    ['127.0.0.99', 'listed', /code 99/],
    ['127.255.255.252', 'unknown', /misspelt/],
    ['127.255.255.254', 'unknown', /public resolvers/],
    ['127.255.255.255', 'unknown', /too many/],
    ['127.255.255.1', 'unknown', /refuses/],
    ['198.51.100.7', 'unknown', /addresses of its own/],
  ])('with %s', (address, state, reason) => {
    expect(says(address)).toMatchObject({ state });
    expect(says(address).reason).toMatch(reason);
  });

  test('with nothing, with several codes, and with a refusal among listings', () => {
    expect(says()).toEqual({ state: 'clear' });
    expect(says('127.0.0.10', '127.0.0.4')).toMatchObject({ state: 'listed', reason: /^XBL/ });
    expect(says('127.0.0.2', '127.255.255.254').state).toBe('unknown');
    expect(readAnswer(zen, { failed: 'no answer in time' })).toEqual({
      state: 'unknown',
      reason: 'no answer in time',
    });
  });

  test('is never "listed" by a refusal, a failure or a foreign address, whatever they are', () => {
    const foreign = fc
      .ipV4()
      .filter((address) => !address.startsWith('127.') || address.startsWith('127.255.255.'));
    fc.assert(
      fc.property(fc.array(foreign), (addresses) => {
        expect(says(...addresses).state).not.toBe('listed');
      }),
    );
  });

  test('is only believed where it knows its own test address', () => {
    expect(cannotAsk({ addresses: ['127.0.0.2'] })).toBeUndefined();
    expect(cannotAsk({ addresses: ['127.0.0.10', '127.0.0.4'] })).toBeUndefined();
    expect(cannotAsk({ addresses: [] })).toMatch(/rebind/);
    expect(cannotAsk({ addresses: ['127.255.255.254'] })).toMatch(/public resolvers/);
    expect(cannotAsk({ addresses: ['192.0.2.1'] })).toMatch(/of its own/);
    expect(cannotAsk({ failed: 'no answer in time' })).toBe('no answer in time');
  });
});

describe('the home’s public addresses', () => {
  test.each([
    ['9.9.9.9', true],
    ['100.64.0.1', false],
    ['100.128.0.1', true],
    ['192.168.1.1', false],
    ['172.32.0.1', true],
    ['169.254.1.1', false],
    ['2a00:1450::5', true],
    ['fd00::1', false],
    ['fe80::1', false],
    ['2001:db8::1', false],
    ['2002:a00:1::1', false],
    ['nonsense', false],
  ])('%s: %s', (address, is) => {
    expect(isPublic(address)).toBe(is);
  });

  test('come from the interfaces: the link’s IPv4, and of IPv6 the home’s own prefix first', () => {
    const home = [
      network('guard', '192.168.1.1', '2a00:1:2:3::1'),
      network('upstream', '9.9.9.9', '2a00:9::2'),
    ];
    expect(publicAddresses(home)).toEqual({ addresses: ['9.9.9.9', '2a00:1:2:3::1'], shared: false });
    expect(publicAddresses([network('upstream', '100.70.1.2', '2a00:9::2')])).toEqual({
      addresses: ['2a00:9::2'],
      shared: true,
    });
    expect(publicAddresses([network('upstream')])).toEqual({ addresses: [], shared: false });
  });
});

describe('asking every list', () => {
  const home = [network('upstream', '9.9.9.9')];
  const world = (answers: Readonly<Record<string, Answered>>) => {
    const asked: string[] = [];
    const ask = (name: string) => {
      asked.push(name);
      return Promise.resolve(answers[name] ?? { addresses: [] });
    };
    return { asked, ask };
  };

  test('takes two questions for a list and one address', async () => {
    const { asked, ask } = world({
      [`2.0.0.127.${zen}`]: { addresses: ['127.0.0.2', '127.0.0.4', '127.0.0.10'] },
      [`9.9.9.9.${zen}`]: { addresses: ['127.0.0.4'] },
    });
    expect(await lookUp([zen, 'dead.example'], home, ask)).toEqual({
      shared: false,
      listings: [
        {
          list: zen,
          address: '9.9.9.9',
          state: 'listed',
          reason: 'XBL: something behind it is infected or taken over',
          link: 'https://check.spamhaus.org/results/?query=9.9.9.9',
        },
        expect.objectContaining({ list: 'dead.example', address: '9.9.9.9', state: 'unknown' }),
      ],
    });
    expect(asked).toEqual([`2.0.0.127.${zen}`, `9.9.9.9.${zen}`, '2.0.0.127.dead.example']);
  });

  test('asks nothing of an address that many share', async () => {
    const { asked, ask } = world({});
    expect(await lookUp([zen], [network('upstream', '100.64.3.4')], ask)).toEqual({
      shared: true,
      listings: [],
    });
    expect(asked).toEqual([]);
  });
});
