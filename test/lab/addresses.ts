/** Destinations on the lab's internet. All of them are local to the internet namespace. */
export interface Addresses {
  /** 60 addresses in 60 different /16. */
  readonly spread4: readonly string[];
  /** 60 addresses in 60 different /32. */
  readonly spread6: readonly string[];
  /** 60 addresses within one provider's block each (Google's), and some of two other providers. */
  readonly google4: readonly string[];
  readonly google6: readonly string[];
  readonly microsoft4: readonly string[];
  readonly yahoo4: readonly string[];
  /** The ISP's relay: 12 addresses under one name (`names.ispRelay`), each in a /24 of its own. */
  readonly ispRelay4: readonly string[];
  readonly ispRelay6: readonly string[];
  /** The one relay the camera mails its owner through, and the one of the laptop's mail client. */
  readonly ownerRelay: string;
  readonly ownerRelay6: string;
  readonly laptopRelay: string;
  readonly laptopRelay6: string;
  /** A web server with nothing else on it. */
  readonly web4: string;
  readonly web6: string;
  /** Hosts on which every port is closed: connections to them are refused. */
  readonly closed4: string;
  readonly closed6: string;
}

// Blocks of the US military that no provider of mail or servers holds, so that each /16 is a group of its own;
// for IPv6 the documentation prefix 3fff::/20 is wide enough.
const quietBlocks = [11, 22, 26, 29, 30];

/** The lab's internet addresses. */
export const addresses: Addresses = {
  spread4: list(60, (i) => `${quietBlocks[i % 5]}.${40 + 3 * Math.floor(i / 5)}.${10 + i}.25`),
  spread6: list(60, (i) => `3fff:${(0x10 + i).toString(16)}::25`),
  google4: list(60, (i) => `142.25${i % 2}.${100 + i}.26`),
  google6: list(60, (i) => `2a00:1450:4${(0x100 + i).toString(16)}::1a`),
  microsoft4: list(12, (i) => `40.92.${10 + i}.36`),
  yahoo4: list(12, (i) => `67.195.204.${72 + i}`),
  ispRelay4: list(12, (i) => `28.77.${1 + i}.25`),
  ispRelay6: list(12, (i) => `3fff:f00:${1 + i}::25`),
  ownerRelay: '33.20.4.25',
  ownerRelay6: '3fff:f20::25',
  laptopRelay: '33.40.4.25',
  laptopRelay6: '3fff:f40::25',
  web4: '198.51.100.80',
  web6: '3fff:f80::80',
  closed4: '198.18.0.1',
  closed6: '3fff:f99::1',
};

/** Names that the router's dnsmasq answers for, with their addresses. */
export const names = {
  ispRelay: { name: 'smtp.isp.example', addresses: [...addresses.ispRelay4, ...addresses.ispRelay6] },
  ownerRelay: { name: 'mail.owner.example', addresses: [addresses.ownerRelay, addresses.ownerRelay6] },
  laptopRelay: { name: 'mail.laptop.example', addresses: [addresses.laptopRelay, addresses.laptopRelay6] },
  web: { name: 'www.example', addresses: [addresses.web4, addresses.web6] },
} as const;

/** What the internet namespace answers for: single addresses, and blocks where a test may want any address. */
export const localPrefixes: readonly string[] = [
  ...addresses.spread4,
  ...addresses.spread6,
  '142.250.0.0/15',
  '2a00:1450::/32',
  '40.92.0.0/15',
  '67.195.204.0/24',
  '28.77.0.0/16',
  '33.0.0.0/8',
  '198.51.100.0/24',
  '198.18.0.0/15',
  '3fff:f00::/24',
];

function list(length: number, make: (index: number) => string): string[] {
  return Array.from({ length }, (_, index) => make(index));
}
