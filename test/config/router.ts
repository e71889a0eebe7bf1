/** What the init script of a usual router renders: `lan` with IPv6, `guest` on a VLAN, PPPoE with `wan6`, WireGuard. */
export function routerDump() {
  return {
    interface: [
      {
        interface: 'guest',
        up: true,
        proto: 'static',
        l3_device: 'br-lan.20',
        device: 'br-lan.20',
        'ipv4-address': [{ address: '192.168.20.1', mask: 24 }],
        'ipv6-address': [],
        'ipv6-prefix-assignment': [],
        route: [],
      },
      {
        interface: 'lan',
        up: true,
        proto: 'static',
        l3_device: 'br-lan',
        device: 'br-lan',
        'ipv4-address': [{ address: '192.168.1.1', mask: 24 }],
        'ipv6-address': [],
        'ipv6-prefix-assignment': [
          { address: '2001:db8:1:0::', mask: 60, 'local-address': { address: '2001:DB8:1::1', mask: 60 } },
        ],
        route: [{ target: '10.9.0.0', mask: 16, nexthop: '192.168.1.9' }],
      },
      { interface: 'lan6', up: true, proto: 'static', l3_device: 'br-lan', device: 'br-lan' },
      { interface: 'loopback', up: true, proto: 'static', l3_device: 'lo', device: 'lo' },
      { interface: 'old', up: false, proto: 'static', device: 'br-old' },
      { interface: 'vpn', up: true, proto: 'wireguard', l3_device: 'wg0', device: 'wg0' },
      {
        interface: 'wan',
        up: true,
        proto: 'pppoe',
        l3_device: 'pppoe-wan',
        device: 'eth1',
        'ipv4-address': [{ address: '203.0.113.7', mask: 32, ptpaddress: '203.0.113.1' }],
        route: [{ target: '0.0.0.0', mask: 0, nexthop: '203.0.113.1' }],
      },
      {
        interface: 'wan6',
        up: true,
        proto: 'dhcpv6',
        l3_device: 'pppoe-wan',
        device: 'eth1',
        'ipv6-address': [{ address: '2001:db8:ffff::2', mask: 64 }],
        route: [{ target: '::', mask: 0, nexthop: 'fe80::1' }],
      },
    ],
  };
}

type Options = Record<string, string | string[]>;

/** One UCI section as ubus shows it; a name that begins with `cfg` is anonymous. */
export function section(type: string, name: string, options: Options = {}) {
  return { [name]: { '.anonymous': name.startsWith('cfg'), '.type': type, '.name': name, ...options } };
}

/** Rendered UCI with these sections of `postern`. */
export function rendered(...sections: Record<string, unknown>[]) {
  return {
    uci: {
      postern: { values: Object.assign({}, ...sections) },
      dhcp: {
        values: {
          ...section('dnsmasq', 'cfg01411c', { leasefile: '/tmp/dhcp.leases' }),
          ...section('odhcpd', 'odhcpd', { leasefile: '/tmp/hosts/odhcpd' }),
          ...section('host', 'cfg0cfe63', {
            name: 'camera',
            mac: ['EC:71:DB:00:11:22', 'ec:71:db:00:11:23'],
          }),
          ...section('host', 'cfg0dfe63', { name: 'printer', mac: '00:1b:a9:01:02:03 00:1b:a9:01:02:04' }),
          ...section('host', 'cfg0efe63', { name: 'any', mac: '00:1b:a9:*:*:*' }),
        },
      },
      firewall: {
        values: {
          ...section('zone', 'cfg02dc81', { name: 'lan', network: ['lan'], input: 'ACCEPT' }),
          ...section('zone', 'cfg03dc81', {
            name: 'wan',
            network: ['wan', 'wan6'],
            input: 'REJECT',
            masq: '1',
          }),
          ...section('zone', 'cfg04dc81', { name: 'guest', network: 'guest', input: 'REJECT' }),
        },
      },
    },
    interfaces: routerDump(),
    hostname: 'OpenWrt',
    lan_mac: '94:83:c4:1A:2B:3C',
  };
}
