import { dayMs } from '../detection/profile.ts';
import type { Group, Providers } from '../detection/providers.ts';
import { put } from '../names/name-book.ts';
import type { Named } from '../names/naming.ts';
import type { DeviceRecord, LearnedRelay } from './device-record.ts';
import type { Turn } from './state.ts';

/** A name that joins servers counts for so long after it was told last. */
const joinMs = 30 * dayMs;
const maxNames = 1024;
const maxLabels = 256;

/** Takes in what the names of addresses say. */
export function onNamed({ state, at }: Turn, addresses: readonly string[], { domain, group }: Named): void {
  for (const address of addresses) {
    if (group) put(state.names, address, { group, atMs: at.nowMs }, maxNames);
    if (domain !== undefined) put(state.labels, address, domain, maxLabels);
  }
}

/**
 * The group of a server: its provider's, by block; else by its name, where that counts; else its network. A name may be
 * forgotten, and so may the provider where the data file is lost: then a network that this device never met as such is
 * what its relay there was known by.
 */
export function groupAt({ state, at }: Turn, { profile, learned }: DeviceRecord, address: string): Group {
  const { providers, names } = state;
  const plain = providers.groupOf(address);
  if (plain.provider !== undefined) return plain;
  const named = names.size > 0 ? names.get(address) : undefined;
  if (named && at.nowMs - named.atMs < joinMs) return named.group;
  if (learned.length === 0 || profile.groups.has(plain.id)) return plain;
  const known = relayIn(learned, plain.id, providers);
  const mailboxes = profile.groups.get(known?.group ?? '')?.mailboxes ?? false;
  return known ? { id: known.group, mailboxes } : plain;
}

/** The relay that lies in the network, known by another name than a network's: that has a length, and all in it have the same. */
function relayIn(
  learned: readonly LearnedRelay[],
  network: string,
  providers: Providers,
): LearnedRelay | undefined {
  for (const relay of learned)
    if (!relay.group.includes('/') && providers.groupOf(relay.address).id === network) return relay;
  return undefined;
}
