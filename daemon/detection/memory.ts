import { parseIp } from '../address/ip.ts';
import { type Acquaintance, dayMs, type GroupMemory, maxGroups, type Profile } from './profile.ts';
import { type Group, networkOf } from './providers.ts';
import type { PortClass } from './table.ts';

/** A group not contacted for so long is forgotten: the next contact is N again. Known relays are kept. */
export const forgetMs = 30 * dayMs;

/** Addresses remembered in one group; the oldest goes. */
export const maxAddresses = 32;

/** Notes a contact and returns what the group was before it. */
export function remember(
  profile: Profile,
  portClass: PortClass,
  group: Group,
  address: string,
  nowMs: number,
): { readonly met: Acquaintance; readonly seen: boolean; readonly newExchanger: boolean } {
  const memory = profile.groups.get(group.id) ?? enter(profile, group, address);
  memory.mailboxes = group.mailboxes;
  const newExchanger = portClass === 'M' && group.mailboxes && noteAddress(memory.addresses, address);
  const before = memory[portClass];
  if (before && (before.known || nowMs - before.lastSeenMs <= forgetMs)) {
    before.lastSeenMs = Math.max(before.lastSeenMs, nowMs);
    return { met: before, seen: true, newExchanger };
  }
  const met: Acquaintance = { firstSeenMs: nowMs, lastSeenMs: nowMs, deliveredAtMs: undefined, known: false };
  memory[portClass] = met;
  return { met, seen: false, newExchanger };
}

function enter({ groups }: Profile, { id, mailboxes }: Group, address: string): GroupMemory {
  const ip = id.includes('/') ? undefined : parseIp(address);
  const before = ip && groups.get(networkOf(ip));
  if (groups.size >= maxGroups) evict(groups);
  // What the device met as a mere network and has a name now is no news: the name begins with what the network was.
  const M = before?.M && { ...before.M, known: before.M.known && !mailboxes };
  const memory: GroupMemory = { M, S: before?.S && { ...before.S }, mailboxes, addresses: [] };
  groups.set(id, memory);
  return memory;
}

/** Drops the group seen longest ago, a known relay only where all are. */
function evict(groups: Map<string, GroupMemory>): void {
  let victim: string | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  // A bot that meets new servers comes by here each time: no pair is made for each group, as an iterator would.
  groups.forEach(({ M, S }, id) => {
    const lastSeenMs = Math.max(
      M?.lastSeenMs ?? Number.NEGATIVE_INFINITY,
      S?.lastSeenMs ?? Number.NEGATIVE_INFINITY,
    );
    // Half of the largest number keeps every known relay above every other group, and their order among themselves.
    const rank = M?.known || S?.known ? lastSeenMs + Number.MAX_SAFE_INTEGER / 2 : lastSeenMs;
    if (rank >= lowest) return;
    victim = id;
    lowest = rank;
  });
  if (victim !== undefined) groups.delete(victim);
}

/**
 * Whether the address is new to a group whose addresses are remembered; notes it. The first address is never new: it
 * came with the group, or the group came from a snapshot, which keeps no addresses.
 */
function noteAddress(addresses: number[], address: string): boolean {
  const hash = hashOf(address);
  if (addresses.includes(hash)) return false;
  const isFirst = addresses.length === 0;
  if (addresses.length >= maxAddresses) addresses.shift();
  addresses.push(hash);
  return !isFirst;
}

/** FNV-1a, 32 bits: small enough to keep by the dozen; a collision only loses one step of evidence. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
