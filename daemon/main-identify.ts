import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import { nextHops } from './identity/next-hops.ts';
import { parseArp } from './identity/parse-arp.ts';
import { parseLeases } from './identity/parse-leases.ts';
import { parseNeighbours } from './identity/parse-neighbours.ts';
import type { Lease, Neighbour } from './identity/sighting.ts';
import { readyProgram } from './system/ready-program.ts';

const limits = { timeoutMs: 5000, maxOutputBytes: 1024 * 1024 };
/** A lease file beyond this is not read: the router's own has some kilobytes. */
const maxFileBytes = 1024 * 1024;

/** Reads who is next to the router. */
export interface NeighbourReader {
  /** The neighbour table, IPv4 and IPv6, and who of it is a route's next hop. Where `ip` is missing, what /proc tells of IPv4. */
  read(): Promise<readonly Neighbour[]>;
  close(): void;
}

/** The first message of a stranger waits for this answer: so the process that gives it is started ahead. */
export function openNeighbours(): NeighbourReader {
  const ip = readyProgram(['ip', 'neigh', 'show']);
  return {
    async read() {
      const [listing, routes] = await Promise.all([ip.run(limits), textOf('/proc/net/route')]);
      const { rows } =
        listing.code === 0 ? parseNeighbours(listing.stdout) : parseArp(await textOf('/proc/net/arp'));
      const hops = nextHops(routes, endianness());
      return rows.map((row) => (hops.has(row.address) ? { ...row, gateway: true } : row));
    },
    close: () => ip.close(),
  };
}

/** All leases of the given files; a missing file has none. */
export async function readLeases(files: readonly string[]): Promise<readonly Lease[]> {
  const texts = await Promise.all(files.map(textOf));
  return texts.flatMap((text) => parseLeases(text).rows);
}

async function textOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.slice(0, maxFileBytes);
}
