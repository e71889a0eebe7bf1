import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type DoorSources, findDoors, hasUnlisted } from '../../daemon/doors/find-doors.ts';
import { parseLeases } from '../../daemon/doors/leases.ts';
import { readRuleset } from '../../daemon/doors/ruleset.ts';

const fixture = (name: string, tool = 'miniupnpd-2.3.1') =>
  readFileSync(new URL(`../fixtures/${tool}/${name}`, import.meta.url), 'utf8');
const sourcesOf = (rules: string, leases = ''): DoorSources => ({
  ruleset: readRuleset([rules]),
  inside: new Set(['br-lan']),
  leases: parseLeases(leases),
});

test('what a device asked the real miniupnpd for, with its protocol and name, also over IPv6', () => {
  const sources = sourcesOf(fixture('upnp.json'), fixture('upnp.leases'));
  const [four, six] = ['192.168.1.20', '2001:db8:1::20'];
  expect(findDoors(sources, [four, six]).doors).toEqual([
    {
      ...{ kind: 'UPnP', protocol: 'tcp', ports: '4000', address: four, port: '4001' },
      name: 'Hall camera',
    },
    { kind: 'UPnP', protocol: 'udp', ports: '4100', address: four, name: 'abc' },
    { kind: 'UPnP', protocol: 'tcp', ports: '4400', address: six },
  ]);
  expect(findDoors(sources, ['192.168.1.21', '2001:db8:1::21']).doors).toEqual([]);
  expect(hasUnlisted(sources)).toBe(false);
});

test('of port forwards of the real iptables nft does not say where they lead: that is told, and its IPv6 rules are read', () => {
  const sources = sourcesOf(fixture('iptables.json'));
  expect(hasUnlisted(sources)).toBe(true);
  expect(findDoors(sources, ['192.168.1.20', '2001:db8:1::20']).doors).toEqual([
    { kind: 'firewall rule', protocol: 'tcp', ports: '8443', address: '2001:db8:1::20' },
    { kind: 'firewall rule', protocol: 'tcp', ports: 'some', address: '2001:db8:1::20' },
  ]);
});

test('port forwards and IPv6 rules of the real firewall4: what is switched off is none, a suffix is any prefix’s', () => {
  const sources = sourcesOf(fixture('ruleset.json', 'firewall4-2025.03.17'));
  const of = (...addresses: string[]) =>
    findDoors(sources, addresses).doors.map(({ kind, protocol, ports, port = ports, name }) =>
      [kind, protocol, ports, port, name].join(' '),
    );
  expect(of('192.168.1.20')).toEqual([
    'port forward tcp, udp 8080 80 Web cam',
    'port forward tcp 5000-5010 5000-5010 recorder',
  ]);
  expect(of('192.168.1.21')).toEqual(['port forward tcp 2222 22 ssh']);
  expect(of('192.168.1.22')).toEqual(['port forward any all all open all']);
  expect(of('2001:db8:1::20')).toEqual(['firewall rule tcp 554 554 Camera six']);
  expect(of('2001:db8:7:8::21')).toEqual(['firewall rule tcp 80, 443 80, 443 Suffix']);
  expect(of('192.168.1.23', '2001:db8:1::23')).toEqual([]);
});
