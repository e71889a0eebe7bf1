import type { Lab } from './lab.ts';

/** What mail cost in packets, as the budgets count them. */
export interface Cost {
  /** First packets of connections. */
  readonly connections: number;
  /** Packets to a mail port of the size of a command. */
  readonly commands: number;
  /** Packets from a mail port of that size: what the server answers. */
  readonly replies: number;
}

// Before Postern's own table, so that what it refuses counts as well.
const table = `
table inet measured {
  set connections { type ether_addr; size 64; flags dynamic,timeout; timeout 1h; counter; }
  set commands { type ether_addr; size 64; flags dynamic,timeout; timeout 1h; counter; }
  counter replies { }
  chain forward {
    type filter hook forward priority filter - 20;
    tcp dport { 25, 465, 587, 2525 } ct state new update @connections { ether saddr }
    tcp dport { 25, 465, 587, 2525 } meta nfproto ipv4 meta length 53-500 update @commands { ether saddr }
    tcp dport { 25, 465, 587, 2525 } meta nfproto ipv6 meta length 73-520 update @commands { ether saddr }
    tcp sport { 25, 465, 587, 2525 } meta nfproto ipv4 meta length 53-500 counter name replies
    tcp sport { 25, 465, 587, 2525 } meta nfproto ipv6 meta length 73-520 counter name replies
  }
}
`;

/** Starts counting anew what devices of networks with Ethernet spend, in a table of its own beside Postern's. */
export async function startMeter(lab: Lab): Promise<void> {
  await lab.run('router', ['nft', '-f', '-'], {
    input: `table inet measured\ndelete table inet measured\n${table}`,
  });
}

interface Listed {
  readonly nftables: readonly {
    readonly set?: {
      readonly name: string;
      readonly elem?: readonly { readonly elem: { readonly counter: { readonly packets: number } } }[];
    };
    readonly counter?: { readonly packets: number };
  }[];
}

/** What all devices have spent since. */
export async function readMeter(lab: Lab): Promise<Cost> {
  const { nftables } = JSON.parse(await lab.nft('-j', 'list', 'table', 'inet', 'measured')) as Listed;
  const sum = (name: string) =>
    nftables
      .flatMap(({ set }) => (set?.name === name ? (set.elem ?? []) : []))
      .reduce((total, { elem }) => total + elem.counter.packets, 0);
  const replies = nftables.find(({ counter }) => counter)?.counter?.packets ?? 0;
  return { connections: sum('connections'), commands: sum('commands'), replies };
}
