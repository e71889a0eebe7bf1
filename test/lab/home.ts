/** A host that is neither the router nor the internet. */
export type DeviceName =
  | 'camera'
  | 'tv'
  | 'laptop'
  | 'phone'
  | 'printer'
  | 'mailserver'
  | 'doorbell'
  | 'visitor'
  | 'roadwarrior';

/** A network namespace of the lab, by name. */
export type HostName = DeviceName | 'router' | 'internet';

/** One network of the router. `ether` is false where frames carry no MAC. */
export interface Network {
  readonly name: 'lan' | 'guest' | 'vpn' | 'wan';
  readonly interface: string;
  readonly role: 'guard' | 'upstream';
  readonly ether: boolean;
  /** The router's MAC there, empty where it has none. */
  readonly mac: string;
  /** The router's own addresses with prefix length. */
  readonly ip4: string;
  readonly ip6: string;
}

/** One device. `mac` is empty for the one behind the tun link. */
export interface Device {
  readonly name: DeviceName;
  readonly network: Network['name'];
  readonly mac: string;
  readonly ip4: string;
  readonly ip6: string;
  /** The interface inside the device's own namespace. */
  readonly iface: string;
  /** What it calls itself when it asks for a lease; empty for a device that asks for none. */
  readonly hostname: string;
}

const lan: Network = {
  name: 'lan',
  interface: 'br-lan',
  role: 'guard',
  ether: true,
  mac: '94:83:c4:1a:2b:3c',
  ip4: '192.168.1.1/24',
  ip6: '2001:db8:1::1/64',
};
const guest: Network = {
  name: 'guest',
  interface: 'br-guest',
  role: 'guard',
  ether: true,
  mac: '96:83:c4:1a:2b:3d',
  ip4: '192.168.3.1/24',
  ip6: '2001:db8:3::1/64',
};
const vpn: Network = {
  name: 'vpn',
  interface: 'tun0',
  role: 'guard',
  ether: false,
  mac: '',
  ip4: '10.8.0.1/24',
  ip6: '2001:db8:8::1/64',
};
const wan: Network = {
  name: 'wan',
  interface: 'wan',
  role: 'upstream',
  ether: true,
  mac: '94:83:c4:1a:2b:3e',
  ip4: '203.0.113.2/24',
  ip6: '2001:db8:ffff::2/64',
};

/** The router's four networks, as the daemon's configuration would name them. */
export const networks: readonly Network[] = [lan, guest, vpn, wan];

/** The internet's end of the WAN link: the router's gateways. */
export const gateway = { ip4: '203.0.113.1', ip6: '2001:db8:ffff::1' } as const;

/** Every device with its fixed MAC (real makers' prefixes; the phone's is a randomised one) and addresses. */
export const devices: Readonly<Record<DeviceName, Device>> = {
  camera: device('camera', lan, 20, 'ec:71:db:5e:10:01', 'reolink-e1'),
  tv: device('tv', lan, 21, '44:65:0d:5e:10:02', 'amazon-fire-tv'),
  laptop: device('laptop', lan, 22, 'a4:c3:f0:5e:10:03', 'annas-laptop'),
  phone: device('phone', lan, 23, 'da:a1:19:5e:10:04', 'pixel-8'),
  printer: device('printer', lan, 24, '30:05:5c:5e:10:05', 'brw30055c5e1005'),
  mailserver: device('mailserver', lan, 25, '00:11:32:5e:10:06', 'diskstation'),
  doorbell: device('doorbell', guest, 30, '34:3e:a4:5e:10:07', 'ring-doorbell'),
  visitor: device('visitor', guest, 31, 'f0:18:98:5e:10:08', 'visitors-macbook'),
  roadwarrior: device('roadwarrior', vpn, 40, '', ''),
};

/** All namespaces of the lab. */
export const hostNames: readonly HostName[] = [
  'router',
  'internet',
  ...Object.values(devices).map((d) => d.name),
];

/** `192.168.1.1` of `192.168.1.1/24`. */
export function bareAddress(withPrefix: string): string {
  return withPrefix.replace(/\/.*/, '');
}

function device(name: DeviceName, network: Network, number: number, mac: string, hostname: string): Device {
  const iface = network.ether ? 'eth0' : 'tun0';
  const ip4 = bareAddress(network.ip4).replace(/\d+$/, String(number));
  const ip6 = bareAddress(network.ip6).replace(/1$/, String(number));
  return { name, network: network.name, mac, ip4, ip6, iface, hostname };
}
