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

/**
 * Lists the mail flows to these ports, IPv4 and IPv6 (without `-f`, conntrack 1.4.7 and 1.4.8 lists both).
 *
 * One run a port, one after the other: conntrack filters ports in its own process, so each run reads the kernel's
 * whole table (0.2 s at 56,000 entries; printing them all would take 0.4 s and 12 MB of text). With `only: 'assured'`
 * the kernel itself leaves out what no handshake completed: 0.03 s in the same table. That is enough to follow the
 * counters of live flows, but it is never complete.
 */
export async function listMailFlows(
  run: Run,
  ports: readonly MailPort[],
  only?: 'assured',
): Promise<Listing> {
  const flows: FlowEvent[] = [];
  let complete = only === undefined;
  let leftBytes = bounds.maxOutputBytes;
  for (const port of ports) {
    const status = only ? ['--status', 'ASSURED'] : [];
    const filter = ['-p', 'tcp', '--orig-port-dst', String(port), ...status];
    const result = await run(['conntrack', '-L', ...filter, '-o', 'id,extended'], {
      ...bounds,
      maxOutputBytes: leftBytes,
    });
    leftBytes = Math.max(least, leftBytes - result.stdout.length);
    const { lines } = splitMailLines(noRest, result.stdout);
    for (const line of lines) {
      const flow = parseFlowLine(line);
      if (flow?.dport === port) flows.push(flow);
    }
    complete &&= result.code === 0 && !result.timedOut && !result.truncated;
  }
  return { flows, complete };
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
