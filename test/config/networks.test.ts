import { describe, expect, test } from 'vitest';
import { formatPrefix } from '../../daemon/address/prefix.ts';
import type { Network } from '../../daemon/config/config.ts';
import { readConfig } from '../../daemon/config/read-config.ts';
import { rendered, routerDump, section } from './router.ts';

function read(json: unknown) {
  const reading = readConfig(json);
  const problems = reading.ok ? reading.warnings : reading.problems;
  return {
    networks: reading.ok ? reading.config.networks : [],
    problems: problems.map(({ option }) => option),
  };
}

const brief = ({ name, role, interfaces }: Network) => `${name} ${role} ${interfaces.join()}`;
const withNetworks = (networks: unknown[]) => read({ networks, interfaces: routerDump() });

describe('networks that nobody named', () => {
  const { networks, problems } = read(rendered());
  const lan = networks.find(({ name }) => name === 'lan');
  const wan = networks.find(({ name }) => name === 'wan');

  test('are guarded, or upstream; one for each kernel interface; loopback and what is down left out', () => {
    expect(networks.map(brief)).toEqual([
      'guest guard br-lan.20',
      'lan guard br-lan',
      'vpn guard wg0',
      'wan upstream pppoe-wan',
    ]);
    expect(problems).toEqual([]);
  });

  test('have the addresses and prefixes of all logical interfaces on them', () => {
    expect(lan?.addresses).toEqual(['192.168.1.1', '2001:db8:1::1']);
    expect(lan?.prefixes.map(formatPrefix)).toEqual(['192.168.1.0/24', '2001:db8:1::/60', '10.9.0.0/16']);
    expect(wan?.addresses).toEqual(['203.0.113.7', '2001:db8:ffff::2']);
    expect(wan?.prefixes.map(formatPrefix)).toEqual(['203.0.113.7', '2001:db8:ffff::/64']);
  });

  test('are upstream by protocol or by a route that is held back, before they have a default route', () => {
    const dump = {
      interface: [
        {
          interface: 'backup',
          up: true,
          l3_device: 'eth3',
          inactive: { route: [{ target: '0.0.0.0', mask: 0 }] },
        },
        { interface: 'uplink', up: true, proto: 'dhcp', l3_device: 'eth2' },
        { interface: 'lan', up: true, proto: 'static', l3_device: 'br-lan' },
      ],
    };
    expect(read({ interfaces: dump }).networks.map(({ role }) => role)).toEqual([
      'upstream',
      'upstream',
      'guard',
    ]);
  });

  test('get names that a ruleset can hold, each its own', () => {
    const names = ['a.b', 'a_b', 'a-b', 'very_long_name_of_a_network', 'very_long_name_of_a_net'];
    const dump = { interface: names.map((name, i) => ({ interface: name, up: true, l3_device: `br${i}` })) };
    expect(read({ interfaces: dump }).networks.map(({ name }) => name)).toEqual([
      'a_b',
      'a_b_2',
      'a_b_3',
      'very_long_name_',
      'very_long_na_2',
    ]);
  });

  test('never bring an odd interface name or address along', () => {
    const dump = {
      interface: [
        { interface: 'a', up: true, l3_device: 'br0"; flush' },
        {
          interface: 'b',
          up: true,
          l3_device: 'br1',
          'ipv4-address': [{ address: '1.2.3.4;', mask: 24 }, 7],
        },
        {
          interface: 'c',
          up: true,
          l3_device: 'br2',
          'ipv4-address': [
            { address: '1.2.3.4', mask: 33 },
            { address: '1.2.3.4', mask: 0 },
          ],
        },
        'd',
      ],
    };
    const { networks } = read({ interfaces: dump });
    expect(networks.map(brief)).toEqual(['b guard br1', 'c guard br2']);
    expect(networks.flatMap(({ prefixes }) => prefixes)).toEqual([]);
  });

  test('are bounded', () => {
    const dump = {
      interface: Array.from({ length: 40 }, (_, i) => ({ interface: `n${i}`, up: true, device: `br${i}` })),
    };
    expect(read({ interfaces: dump })).toMatchObject({ networks: { length: 32 }, problems: ['networks'] });
  });
});

describe('named networks', () => {
  test('override what was found, under any of its names', () => {
    const { networks } = read(
      rendered(
        section('network', 'wan6', { role: 'ignore' }),
        section('network', 'cfg1', { name: 'guest', class: 'iot' }),
      ),
    );
    expect(networks.map(brief)).toEqual([
      'wan6 ignore pppoe-wan',
      'guest guard br-lan.20',
      'lan guard br-lan',
      'vpn guard wg0',
    ]);
    expect(networks[1]).toMatchObject({ class: 'iot', addresses: ['192.168.20.1'] });
  });

  test('keep the found role where none is given, and are there though down', () => {
    expect(
      withNetworks([{ name: 'wan' }, { name: 'old' }])
        .networks.map(brief)
        .slice(0, 2),
    ).toEqual(['wan upstream pppoe-wan', 'old guard br-old']);
  });

  test('may bring everything themselves', () => {
    const own = {
      name: 'lab',
      interfaces: ['veth0'],
      addresses: ['10.1.0.1'],
      prefixes: ['10.1.0.9/16', '2001:db8::/64'],
    };
    const { networks, problems } = read({ networks: [own] });
    expect(networks).toMatchObject([
      { name: 'lab', role: 'guard', interfaces: ['veth0'], addresses: ['10.1.0.1'] },
    ]);
    expect(networks[0]?.prefixes.map(formatPrefix)).toEqual(['10.1.0.0/16', '2001:db8::/64']);
    expect(problems).toEqual([]);
  });

  test('are a warning if they are not there', () => {
    expect(withNetworks([{ name: 'attic' }]).problems).toEqual(['networks[0].name']);
  });

  test.each([
    ['without a name', [{ role: 'guard' }]],
    ['with a name for a shell', [{ name: 'a;b' }]],
    ['named twice', [{ name: 'lan' }, { name: 'lan' }]],
    ['on one interface', [{ name: 'lan' }, { name: 'lan6', role: 'ignore' }]],
    ['with an odd interface', [{ name: 'lan', interfaces: ['a b', '-x'] }]],
  ])('%s are refused', (_, networks) => {
    expect(readConfig({ networks, interfaces: routerDump() }).ok).toBe(false);
  });

  test('an anonymous section needs a name, and a section may be too long to be one', () => {
    expect(readConfig(rendered(section('network', 'cfg1', { role: 'ignore' }))).ok).toBe(false);
    expect(readConfig(rendered(section('network', 'a_very_long_section_name', { role: 'ignore' }))).ok).toBe(
      false,
    );
  });
});

test('a dump that is none is a warning', () => {
  expect(read({ interfaces: 'Command failed: Not found' }).problems).toEqual(['interfaces', 'networks']);
});
