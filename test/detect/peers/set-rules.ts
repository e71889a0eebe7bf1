import type { Rule } from './rule.ts';

/** Block port 25 for all but the mail server, as many ISPs do and many guides advise: fires at the first such connection. */
export const anyPort25: Rule = {
  name: 'any_port_25',
  about: 'any port 25',
  firstFiring(flows) {
    const index = flows.findIndex(({ dport }) => dport === 25);
    const flow = flows[index];
    return flow && { connection: index + 1, atS: flow.tsS };
  },
};

/** CESNET's Nemea: more than 10 servers in 300 s. */
export const manyServers: Rule = {
  name: 'ten_servers_in_300_s',
  about: '>10 servers in 300 s',
  firstFiring(flows) {
    const lastMet = new Map<string, number>();
    for (const [index, { dst, tsS }] of flows.entries()) {
      lastMet.delete(dst);
      lastMet.set(dst, tsS);
      // Oldest first, since each contact puts its server last.
      for (const [server, atS] of lastMet) {
        if (atS > tsS - 300) break;
        lastMet.delete(server);
      }
      if (lastMet.size > 10) return { connection: index + 1, atS: tsS };
    }
    return undefined;
  },
};
