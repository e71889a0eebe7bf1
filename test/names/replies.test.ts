import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createReplyReader, type Reply } from '../../daemon/names/replies.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/dnsmasq-2.90/${name}`, import.meta.url), 'latin1');

function read(...pieces: string[]): string[] {
  const reader = createReplyReader();
  const replies: Reply[] = [];
  for (const piece of pieces) reader.push(piece, (reply) => replies.push(reply));
  return replies.map(({ names, address }) => `${names.join(' > ')} ${address}`);
}

const numbered = (serial: number, text: string, pid = 7) =>
  `Nov 25 17:00:00 dnsmasq[${pid}]: ${serial} 192.168.1.20/4711 ${text}\n`;

describe("dnsmasq's own log", () => {
  test('addresses of both families, forwarded and cached, by the name of their line', () => {
    expect([...new Set(read(fixture('queries.log')))].sort()).toEqual([
      'only4.isp.example 28.77.9.25',
      'p1.wild.evil.example 33.1.2.3',
      'smtp.isp.example 28.77.1.25',
      'smtp.isp.example 28.77.2.25',
      'smtp.isp.example 3fff:f00:1::25',
      'www.wild.evil.example 33.1.2.3',
    ]);
    expect(read(fixture('queries.log'))).toHaveLength(12);
  });

  test('where queries are numbered, aliases too: from the name that was asked for to the one that has the address', () => {
    const replies = read(fixture('queries-extra.log'));
    expect(replies).toContain('mail.alias.example > deep.alias.example > smtp.isp.example 28.77.1.25');
    expect(replies).toContain('c4.isp.example > only4.isp.example 28.77.9.25');
    expect(replies).toContain('p1.wild.evil.example 33.1.2.3');
    expect(replies).toHaveLength(12);
  });

  test('names with spaces and control characters, and pointers back, are passed over', () => {
    for (const name of ['queries.log', 'queries-extra.log']) {
      expect(fixture(name)).toContain(
        'reply x dnsmasq[1]: reply smtp.isp.example is 6.wild.evil.example is 33.1.2.3',
      );
      const hosts = read(fixture(name)).flatMap((reply) => reply.split(' ').slice(0, -1));
      for (const host of hosts) expect(host).toMatch(/^>$|^[a-z0-9.]+\.example$/);
      expect(read(fixture(name)).join()).not.toMatch(/ 6|reply|quo/);
    }
  });

  test('cut anywhere, it says the same', () => {
    const text = fixture('queries-extra.log');
    const whole = read(text);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 20 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        expect(read(...at.slice(1).map((end, index) => text.slice(at[index], end)))).toEqual(whole);
      }),
    );
  });
});

describe('a row of aliases', () => {
  const alias = numbered(1, 'reply smtp.isp.example is <CNAME>');

  test('ends with its query: another answer never goes on from it', () => {
    expect(read(alias, numbered(2, 'reply evil.example is 6.6.6.6'))).toEqual(['evil.example 6.6.6.6']);
    expect(read(alias, numbered(1, 'reply evil.example is 6.6.6.6', 8))).toEqual(['evil.example 6.6.6.6']);
    expect(read(alias, numbered(1, 'reply mx.isp.example is 6.6.6.6'))).toEqual([
      'smtp.isp.example > mx.isp.example 6.6.6.6',
    ]);
  });

  test('is not followed where queries have no numbers', () => {
    const plain = (text: string) => `Nov 25 17:00:00 dnsmasq[7]: ${text}\n`;
    expect(read(plain('reply smtp.isp.example is <CNAME>'), plain('reply evil.example is 6.6.6.6'))).toEqual([
      'evil.example 6.6.6.6',
    ]);
  });

  test('is no longer than eight', () => {
    const row = Array.from({ length: 30 }, (_, n) => numbered(1, `reply a${n}.example is <CNAME>`)).join('');
    expect(read(row, numbered(1, 'reply z.example is 6.6.6.6'))[0]?.split(' > ')).toHaveLength(9);
  });
});

test.each(['reply', 'cached', 'cached-stale', 'config'])('an answer that is %s', (how) => {
  expect(read(`Nov  5 17:00:00 dnsmasq[7]: ${how} a.example is 192.0.2.1\n`)).toEqual([
    'a.example 192.0.2.1',
  ]);
});

test.each([
  // What devices call themselves, by DHCP and by odhcpd's file of hosts.
  'dnsmasq[7]: DHCP smtp.isp.example is 192.168.1.20',
  'dnsmasq[7]: /tmp/hosts/odhcpd smtp.isp.example is 192.168.1.20',
  'dnsmasq-dhcp[7]: 4711 vendor class: dnsmasq[7]: reply smtp.isp.example is 6.6.6.6',
  'sshd[9]: Invalid user dnsmasq[7]: reply smtp.isp.example is 6.6.6.6',
  'dnsmasq-dhcp[7]: DHCPACK(br-lan) 192.168.1.20 ec:71:db:00:11:22 reply smtp.isp.example is 6.6.6.6',
  'dnsmasq[7]: query[A] smtp.isp.example is 6.6.6.6 from 192.168.1.20',
  'dnsmasq[7]: query[A] x dnsmasq[7]: reply smtp.isp.example is 6.6.6.6',
  'dnsmasq[7]: reply smtp.isp.example is 6.6.6.6 ',
  'dnsmasq[7]: reply smtp.isp.example is 6.6.6.6.example',
  'dnsmasq[7]: reply 6.6.6.6 is smtp.isp.example',
  'dnsmasq[7]: reply 5.5.5.5 is 6.6.6.6',
  'dnsmasq[7]: reply <name unprintable> is 6.6.6.6',
  'dnsmasq[7]: reply error is SERVFAIL',
  `dnsmasq[7]: reply ${'a'.repeat(3000)}.example is 6.6.6.6`,
])('no reply: %s', (line) => {
  expect(read(`Nov 25 17:00:00 ${line}\n`)).toEqual([]);
});

test('a line that only goes on like one of dnsmasq', () => {
  const line = 'Nov 25 17:00:00 dnsmasq[7]: reply smtp.isp.example is 6.6.6.6\n';
  expect(read(line)).toHaveLength(1);
  expect(read(`x ${line}`, `daemon.info ${line}`)).toEqual([]);
});

test('any bytes: never throws, and gives names and addresses only', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'dnsmasq[7]: ',
      'reply ',
      ' is ',
      '<CNAME>',
      '1.2.3.4',
      '\n',
      '1 ::1/9 ',
      'a.example',
      '2001:db8::1',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      for (const reply of read(...pieces)) expect(reply).toMatch(/^[a-z0-9_.> -]+ [0-9a-f.:]+$/);
    }),
    { numRuns: 500 },
  );
});
