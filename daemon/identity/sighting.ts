import type { Mac } from '../address/mac.ts';

/** One row of the neighbour table (`ip neigh`, `/proc/net/arp`) that has a link-layer address. */
export interface Neighbour {
  /** Canonical text. */
  readonly address: string;
  readonly mac: Mac;
  readonly interface: string;
  /** Confirmed lately (REACHABLE, DELAY, PROBE, PERMANENT) rather than merely remembered. */
  readonly fresh: boolean;
  /** A route leads through it. */
  readonly gateway?: boolean;
}

/** One lease of dnsmasq or odhcpd. `hostname` is raw and hostile: see hostname.ts. */
export interface Lease {
  readonly address: string;
  /** Absent on DHCPv6 leases, which carry a DUID instead. */
  readonly mac?: Mac;
  readonly hostname?: string;
}
