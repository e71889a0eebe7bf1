import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type DoorSources, findDoors, hasUnlisted } from '../../daemon/doors/find-doors.ts';
import { parseLeases } from '../../daemon/doors/leases.ts';
import { readRuleset } from '../../daemon/doors/ruleset.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/miniupnpd-2.3.1/${name}`, import.meta.url), 'utf8');
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
