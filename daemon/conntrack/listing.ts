import type { FlowEvent, MailPort } from './flow.ts';
import { parseFlowLine } from './parse-line.ts';
import { noRest, splitMailLines } from './split-mail-lines.ts';

/** Runs a program to its end: system/process.ts. Never rejects. */
export type Run = (
  argv: readonly [program: string, ...args: string[]],
  options: { readonly timeoutMs: number; readonly maxOutputBytes: number },
) => Promise<{
  readonly code: number;
  readonly stdout: string;
  readonly timedOut: boolean;
  readonly truncated: boolean;
}>;

/** The rows of one listing. */
export interface Listing {
  readonly flows: readonly FlowEvent[];
  /** Nothing is missing: every run ended well and within its bounds. */
  readonly complete: boolean;
}

/**
 * A listing of 4,096 flows has about 900 KiB: more is a flood, and the counters of the ruleset tell of that. All ports
 * of a listing share it, since its rows are in memory together: four times as much ended the daemon for want of heap.
 */
const bounds = { timeoutMs: 10_000, maxOutputBytes: 1024 * 1024 };
/** Some rows of each port are read whatever the others have. */
const least = 64 * 1024;

/** A table of so many entries prints some 250 KiB at most: less work than a second run. */
const smallTable = 1000;

/** What to list. */
export interface ListingOptions {
  /** The kernel itself leaves out what no handshake completed. */
  readonly only?: 'assured' | undefined;
  /** How many entries the kernel's table has now, of any protocol; absent: unknown. */
  readonly tracked?: number | undefined;
}

/**
 * Lists the mail flows to these ports, IPv4 and IPv6 (without `-f`, conntrack 1.4.7 and 1.4.8 lists both).
 *
 * One run a port, one after the other: conntrack filters ports in its own process, so each run reads the kernel's
 * whole table (0.2 s at 56,000 entries; printing them all would take 0.4 s and 12 MB of text). Of a small table one run
 * prints all. With `only: 'assured'` the kernel filters: 0.03 s in the same large table. That is enough to follow the
 * counters of live flows, but it is never complete.
 */
export async function listMailFlows(
  run: Run,
  ports: readonly MailPort[],
  { only, tracked = Number.POSITIVE_INFINITY }: ListingOptions = {},
): Promise<Listing> {
  const status = only ? ['--status', 'ASSURED'] : [];
  const list = async (filter: readonly string[], maxOutputBytes: number) => {
    const argv = ['-L', '-p', 'tcp', ...filter, ...status, '-o', 'id,extended'];
    const result = await run(['conntrack', ...argv], { ...bounds, maxOutputBytes });
    const { lines } = splitMailLines(noRest, result.stdout);
    const flows = lines.flatMap((line) => parseFlowLine(line) ?? []);
    const complete = result.code === 0 && !result.timedOut && !result.truncated;
    return {
      flows: flows.filter(({ dport }) => ports.includes(dport)),
      complete,
      bytes: result.stdout.length,
    };
  };
  if (ports.length > 1 && tracked <= smallTable) {
    const { flows, complete } = await list([], bounds.maxOutputBytes);
    if (complete) return { flows, complete: only === undefined };
  }
  const flows: FlowEvent[] = [];
  let complete = only === undefined;
  let leftBytes = bounds.maxOutputBytes;
  for (const port of ports) {
    const listed = await list(['--orig-port-dst', String(port)], leftBytes);
    leftBytes = Math.max(least, leftBytes - listed.bytes);
    for (const flow of listed.flows) if (flow.dport === port) flows.push(flow);
    complete &&= listed.complete;
  }
  return { flows, complete };
}

/**
 * Deletes every conntrack entry of a device by its canonical address, of whatever protocol, those that began outside included:
 * what an offloading engine carries then meets the rules again.
 */
export async function deleteFlowsOf(run: Run, address: string): Promise<void> {
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  for (const end of ['--orig-src', '--reply-src'])
    await run(['conntrack', '-D', '-f', family, end, address], bounds);
}

/**
 * Deletes the conntrack entry of one flow: that ends an offloaded one, whose packets pass no rule. Returns whether
 * there was one. The arguments come from a parsed flow: canonical addresses and numbers, nothing else.
 */
export async function deleteFlow(
  run: Run,
  flow: Pick<FlowEvent, 'family' | 'src' | 'sport' | 'dst' | 'dport'>,
): Promise<boolean> {
  const addresses = ['--orig-src', flow.src, '--orig-dst', flow.dst];
  const ports = ['--orig-port-src', String(flow.sport), '--orig-port-dst', String(flow.dport)];
  const family = flow.family === 6 ? 'ipv6' : 'ipv4';
  const result = await run(['conntrack', '-D', '-f', family, '-p', 'tcp', ...addresses, ...ports], bounds);
  return result.code === 0;
}
