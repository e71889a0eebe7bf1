import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLeases } from '../../daemon/identity/parse-leases.ts';

const mac = 'ec:71:db:00:11:22';

test('dnsmasq 2.90: IPv4 with its MAC, IPv6 with a DUID', () => {
  const text = readFileSync(new URL('../fixtures/dnsmasq-2.90/dhcp.leases', import.meta.url), 'utf8');
  expect(parseLeases(text)).toEqual({
    rows: [
      { address: '192.168.7.81', mac, hostname: 'garden-cam' },
      { address: 'fd00:7::1e1', hostname: 'garden-cam' },
    ],
    dropped: 0,
  });
});

test('dnsmasq: no name, and a lease without end', () => {
  expect(parseLeases(`0 ${mac} 192.168.7.9 * *\n`).rows).toEqual([{ address: '192.168.7.9', mac }]);
});

// Written after odhcpd's source (statefiles of 24.10 and 25.12); not a recording.
test('odhcpd: leases, prefixes handed out, and the hosts lines below them', () => {
  const text = [
    '# br-lan 00030001ec71db001122 db001122 garden-cam 1795318774 1e1 128 fd00:7::1e1/128 2001:db8:7::1e1/128',
    'fd00:7::1e1\tgarden-cam',
    '# br-lan ec71db001122 ipv4 garden-cam 1795318771 51 32 192.168.7.81/32',
    '# br-lan 0004aabbccdd 1 - -1 200 128 fd00:7::200/128',
    '# br-lan 0003000100aa 2 - -1 0 56',
  ].join('\n');
  expect(parseLeases(text)).toEqual({
    rows: [
      { address: 'fd00:7::1e1', hostname: 'garden-cam' },
      { address: 'fd00:7::1e1', hostname: 'garden-cam' },
      { address: '192.168.7.81', mac, hostname: 'garden-cam' },
      { address: 'fd00:7::200' },
    ],
    dropped: 0,
  });
});

test.each(['1795318771', `1795318771 ${mac} 192.168.7 x *`, '# br-lan', 'what is this', '192.168.7.1'])(
  'dropped and counted: %s',
  (line) => {
    expect(parseLeases(line)).toEqual({ rows: [], dropped: 1 });
  },
);

test('it never throws, and hands host names on raw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(parseLeases(text).rows.length).toBeGreaterThanOrEqual(0);
    }),
  );
  expect(parseLeases(`1 ${mac} 192.168.7.9 <img> *`).rows[0]?.hostname).toBe('<img>');
});
