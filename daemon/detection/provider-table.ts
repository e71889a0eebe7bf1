/** A provider whose mail servers are spread over many /16s, with its blocks. The name is ours: `[a-z0-9_]+`. */
export interface Provider {
  readonly name: string;
  /** For people. */
  readonly title: string;
  /**
   * It receives the mail of a large part of everybody: a bot that mails its many exchangers is no device that mails
   * through one relay of many addresses. False for hosters, where the second is the likelier.
   */
  readonly mailboxes: boolean;
  /** IPv4 of any length, IPv6 up to /48; canonical, none inside another. At most 64. */
  readonly prefixes: readonly string[];
}

/**
 * The first table, of 2026-11. It started from the SPF records of Google, Microsoft, Apple, IONOS and GoDaddy (whole)
 * and of Strato, Fastmail and Zoho (in part), widened to the blocks around them where exchangers and submission servers
 * lie beside the senders. Yahoo and OVH publish no blocks: theirs are general knowledge, not checked against a source.
 * Hosters' blocks are kept to their mail servers, since a restricted device may use all of a provider's block once one
 * server of it is its relay.
 *
 * Hetzner and Amazon are left out: their mail servers lie among customers' machines and share no block.
 */
export const providers: readonly Provider[] = [
  {
    name: 'google',
    title: 'Google',
    mailboxes: true,
    prefixes: [
      '64.233.160.0/19',
      '66.102.0.0/20',
      '66.249.64.0/19',
      '72.14.192.0/18',
      '74.125.0.0/16',
      '108.177.0.0/17',
      '142.250.0.0/15',
      '172.217.0.0/16',
      '172.253.0.0/16',
      '173.194.0.0/16',
      '192.178.0.0/15',
      '209.85.128.0/17',
      '216.58.192.0/19',
      '216.239.32.0/19',
      '2001:4860::/32',
      '2404:6800::/32',
      '2607:f8b0::/32',
      '2800:3f0::/32',
      '2a00:1450::/32',
      '2c0f:fb50::/32',
    ],
  },
  {
    name: 'microsoft',
    title: 'Microsoft',
    mailboxes: true,
    prefixes: [
      '13.107.6.0/24',
      '13.107.18.0/24',
      '13.107.128.0/22',
      '23.103.128.0/17',
      '40.92.0.0/15',
      '40.96.0.0/13',
      '40.104.0.0/14',
      '52.96.0.0/13',
      '65.54.0.0/15',
      '104.47.0.0/16',
      '132.245.0.0/16',
      '150.171.32.0/22',
      '157.55.0.0/16',
      '157.56.0.0/16',
      '207.46.0.0/16',
      '213.199.128.0/18',
      '2603:1000::/24',
      '2620:1ec::/36',
      '2a01:111::/32',
    ],
  },
  {
    // AOL's mail moved to Yahoo's servers; its own blocks of old (64.12, 205.188) carry none any more.
    name: 'yahoo',
    title: 'Yahoo and AOL',
    mailboxes: true,
    prefixes: [
      '63.250.192.0/19',
      '66.94.224.0/19',
      '66.163.160.0/19',
      '66.196.64.0/18',
      '66.218.64.0/19',
      '67.195.0.0/16',
      '68.142.192.0/18',
      '68.180.128.0/17',
      '69.147.64.0/18',
      '72.30.0.0/16',
      '74.6.0.0/16',
      '76.13.0.0/16',
      '77.238.160.0/19',
      '87.248.96.0/19',
      '98.136.0.0/14',
      '106.10.128.0/17',
      '124.108.64.0/18',
      '188.125.64.0/19',
      '206.190.32.0/19',
      '209.191.64.0/18',
      '212.82.96.0/19',
      '216.39.48.0/20',
      '216.155.192.0/20',
      '217.146.176.0/20',
      '2001:4998::/32',
      '2a00:1288::/32',
      '2406:2000::/32',
    ],
  },
  {
    name: 'apple',
    title: 'Apple',
    mailboxes: true,
    prefixes: ['17.0.0.0/8', '2620:149::/36', '2403:300::/32', '2a01:b740::/32'],
  },
  {
    name: 'godaddy',
    title: 'GoDaddy',
    mailboxes: false,
    prefixes: [
      '45.40.128.0/17',
      '50.63.8.0/22',
      '64.202.160.0/19',
      '68.178.128.0/17',
      '72.167.0.0/16',
      '92.204.64.0/19',
      '97.74.135.0/24',
      '132.148.124.0/24',
      '173.201.192.0/23',
      '182.50.128.0/19',
      '184.168.128.0/17',
      '188.121.32.0/19',
      '198.71.224.0/19',
      '208.109.80.0/24',
      '208.109.194.0/24',
      '216.69.128.0/18',
    ],
  },
  {
    // IONOS, 1&1, GMX, WEB.DE and mail.com are one company and share their mail servers.
    name: 'ionos',
    title: 'IONOS, GMX and WEB.DE',
    mailboxes: false,
    prefixes: [
      '74.208.4.0/23',
      '74.208.122.0/26',
      '82.165.159.0/24',
      '82.165.229.0/24',
      '82.165.230.0/24',
      '185.48.116.0/24',
      '212.227.15.0/24',
      '212.227.17.0/24',
      '212.227.25.128/25',
      '212.227.126.128/25',
      '213.165.64.0/22',
      '217.72.192.0/20',
      '2001:8d8:5c2::/48',
      '2001:8d8:5c5::/48',
    ],
  },
  {
    name: 'ovh',
    title: 'OVH',
    mailboxes: false,
    prefixes: [
      '46.105.32.0/20',
      '54.36.141.0/24',
      '87.98.160.0/22',
      '91.121.52.0/22',
      '178.32.124.0/24',
      '178.33.40.0/21',
      '178.33.252.0/22',
      '188.165.32.0/19',
      '192.99.77.0/24',
      '193.70.18.0/24',
      '213.186.33.0/24',
      '213.251.138.0/24',
    ],
  },
  {
    name: 'strato',
    title: 'Strato',
    mailboxes: false,
    prefixes: ['81.169.144.0/22', '85.215.255.0/24', '2a01:238::/32'],
  },
  {
    name: 'fastmail',
    title: 'Fastmail',
    mailboxes: false,
    prefixes: ['66.111.4.0/24', '103.168.172.0/24', '202.12.124.0/24'],
  },
  {
    name: 'zoho',
    title: 'Zoho',
    mailboxes: false,
    prefixes: [
      '89.36.170.0/24',
      '103.163.152.0/22',
      '136.143.160.0/19',
      '165.173.128.0/18',
      '185.20.209.0/24',
      '185.230.212.0/22',
      '204.141.32.0/23',
    ],
  },
];
