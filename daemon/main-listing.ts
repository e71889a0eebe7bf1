import { readFile } from 'node:fs/promises';
import type { MailPort } from './conntrack/flow.ts';
import { type Listing, listMailFlows } from './conntrack/listing.ts';
import { run } from './system/process.ts';

/** The mail flows to these ports that the kernel knows now; see {@link listMailFlows}. */
export async function listNow(ports: readonly MailPort[], only?: 'assured'): Promise<Listing> {
  return listMailFlows(run, ports, { only, tracked: await trackedEntries() });
}

/** How many entries the kernel's table has; absent where it does not say. */
async function trackedEntries(): Promise<number | undefined> {
  const text = await readFile('/proc/sys/net/netfilter/nf_conntrack_count', 'latin1').catch(() => '');
  return /^[0-9]+$/.test(text.trim()) ? Number(text) : undefined;
}
