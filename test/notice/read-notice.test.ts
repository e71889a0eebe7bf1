import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { longestNotice, readNotice } from '../../daemon/notice/read-notice.ts';
import { arf, at, blocklist, german, home, provider, spamcop, xarfJson, xarfYaml } from './notices.ts';

const all = { arf, xarfYaml, xarfJson, provider, german, blocklist, spamcop };

describe('a notice', () => {
  test.each(Object.entries(all))('%s: its time and the address are found', (_, notice) => {
    expect(readNotice(notice)).toMatchObject({ times: [at], address: home });
    expect(readNotice(notice.replaceAll('\n', '\r\n'))).toMatchObject({ times: [at], address: home });
  });

  test('the port is that of the mail server, and never the one at home', () => {
    expect(readNotice(provider).port).toBe(25);
    expect(readNotice(blocklist).port).toBe(25);
    expect(readNotice(xarfJson).port).toBe(25);
    expect(readNotice(arf).port).toBeUndefined();
    const sinkhole = readNotice(
      'Timestamp: 2026-11-21 14:02:03 UTC\nIP: 203.0.113.77\nDestination port: 80\n',
    );
    expect(sinkhole.port).toBeUndefined();
    expect(sinkhole.notes).toEqual([expect.stringContaining('port 80')]);
  });

  test.each([
    ['Destination:  198.51.100.25, TCP port 25', '198.51.100.25', 25],
    ['"DestinationIp": "198.51.100.25", "DestinationPort": 587', '198.51.100.25', undefined],
    ['203.0.113.77:51000 -> 198.51.100.25:25', '198.51.100.25', 25],
    ['Spam was sent to 198.51.100.25:465.', '198.51.100.25', 465],
    ['connected to the server [2606:4700::25]:25', '2606:4700::25', 25],
    ['von 203.0.113.77 an 198.51.100.25 port 2525', '198.51.100.25', 2525],
    ['Destination: 198.51.100.25 and later\nsent to 198.51.100.26', undefined, undefined],
    ['Destination-IP: 198.51.100.25\nDestination-Port: 80', undefined, undefined],
    ['It went to 10.0.0.5:25', undefined, undefined],
    ['Reply to 2026-11-24', undefined, undefined],
    ['Listed: according to 2026 rules, an 1 to ::', undefined, undefined],
  ])('names where the mail went: %s', (words, to, port) => {
    const reading = readNotice(`IP: ${home}\nTime: 2026-11-21 14:02:03 UTC\n${words}\n`);
    expect(reading).toMatchObject({ times: [at], address: home });
    expect(reading.to).toBe(to);
    if (port !== undefined) expect(reading.port).toBe(port);
  });

  test('what the mail complained of says of servers does not narrow, and several servers are told', () => {
    expect(readNotice(arf).to).toBeUndefined();
    expect(readNotice(arf.replace('Buy at', 'Connect to 198.51.100.1:25')).to).toBeUndefined();
    const { to, notes } = readNotice(
      'Time: 2026-11-21 14:02:03 UTC\nto 198.51.100.25:25\nto 198.51.100.26:25\n',
    );
    expect([to, notes]).toEqual([undefined, [expect.stringContaining('several mail servers')]]);
  });

  test('forwarded, and quoted with marks, it still is found', () => {
    const quoted = arf.replaceAll(/^/gm, '> ');
    expect(readNotice(quoted)).toMatchObject({ times: [at], address: home });
    expect(readNotice(`Please help!\n\n${arf}`)).toMatchObject({ times: [at], address: home });
  });

  test('torn anywhere it is read as far as it goes, and never takes another time for the one', () => {
    for (const notice of Object.values(all))
      for (let length = 0; length < notice.length; length += 7) {
        const { times, address } = readNotice(notice.slice(0, length));
        // What is cut within the time itself, or before it, says less; a time of the far past would be the spammer's.
        for (const time of times) expect(time >= '2026-11-21T14' && time < '2026-11-23').toBe(true);
        if (address !== undefined) expect(home.startsWith(address.slice(0, 8))).toBe(true);
      }
    const whole = arf.slice(0, arf.indexOf('Reporting-MTA'));
    expect(readNotice(whole)).toMatchObject({ times: [at], address: home });
  });

  test('of many times has the newest eight, and says so', () => {
    const lines = Array.from(
      { length: 20 },
      (_, index) => `2026-11-21 14:${String(10 + index)}:00 +0000 203.0.113.77:5${index} -> 198.51.100.9:25`,
    );
    const { times, notes } = readNotice(`Log (all times UTC)\n${lines.join('\n')}\n`);
    expect(times).toHaveLength(8);
    expect(times.at(-1)).toBe('2026-11-21T14:29:00Z');
    expect(notes).toEqual([expect.stringContaining('20 times')]);
  });

  test('that names no zone is handed on without one, but where it says elsewhere that all is UTC', () => {
    expect(readNotice('IP 203.0.113.77, time: 2026-11-21 14:02:03').times).toEqual(['2026-11-21T14:02:03']);
    expect(readNotice('All times are in UTC.\nIP 203.0.113.77 2026-11-21 14:02').times).toEqual([
      '2026-11-21T14:02Z',
    ]);
  });

  test('with no time but its own says so', () => {
    const notice =
      'Date: Sun, 22 Nov 2026 09:00:00 +0000\nContent-Type: text/plain\n\nYou send spam. Stop it.\n';
    expect(readNotice(notice)).toMatchObject({
      times: ['2026-11-22T09:00:00Z'],
      notes: [expect.stringContaining('itself')],
    });
    expect(readNotice('You send spam.').times).toEqual([]);
  });

  test('that is huge or hostile is read within its bounds', () => {
    const nested = Array.from(
      { length: 500 },
      (_, index) => `--b${index}\nContent-Type: multipart/mixed; boundary=b${index + 1}\n\n`,
    );
    const hostile = [
      'a'.repeat(longestNotice * 2),
      `Content-Type: multipart/mixed; boundary=b0\n\n${nested.join('')}`,
      `Content-Type: multipart/mixed; boundary="b"\n\n${'--b\n\n'.repeat(100_000)}`,
      '2026-11-21 14:02:03 '.repeat(50_000),
      '1.2.3.4'.repeat(100_000),
      ':'.repeat(900_000),
      ' '.repeat(900_000),
      '\n \n'.repeat(300_000),
      `{"${'a'.repeat(500_000)}`,
      `${'{'.repeat(500_000)}`,
      `Date: ${'Sat, 21 Nov '.repeat(80_000)}`,
    ];
    for (const notice of hostile) expect(readNotice(notice).times.length).toBeLessThanOrEqual(8);
    expect(readNotice(`${provider}${'x\n'.repeat(1_000_000)}`)).toMatchObject({ times: [at], address: home });
  });

  test('of anything at all does not throw', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(fc.string(), fc.constantFrom(...Object.values(all).flatMap((text) => text.split('\n')))),
          { maxLength: 60 },
        ),
        (lines) => {
          const { times } = readNotice(lines.join('\n'));
          for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?Z?$/);
        },
      ),
    );
  });
});
