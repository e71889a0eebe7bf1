import { type DeviceKey, targetOf } from '../address/device-key.ts';
import { bestClaim, type Claim, claimEndMs, spokeMs } from './claims.ts';

/**
 * A MAC behind which several devices live: a Wi-Fi extender, or another router of the owner's, shows its own for all of
 * them. They are told apart by their IPv4 addresses; IPv6 addresses come and go, so those stay with the MAC.
 */
export interface Carrier {
  /** When each of them was seen last, by address; at most {@link maxHosts}, those that come later stay with the MAC. */
  readonly hosts: Map<string, number>;
}

/** By the MAC's key; at most {@link maxCarriers}, a further one is judged as one device. */
export type Carriers = Map<DeviceKey, Carrier>;

const maxCarriers = 64;
/** Whoever gives itself many addresses gets no more than so many first contacts for it. */
const maxHosts = 16;
/** Addresses that speak for several devices spoke within so long of each other. */
const togetherMs = 120_000;

/**
 * Looks who speaks from several IPv4 addresses at a time. Three are several devices; two are, where the leases name two
 * different ones, since a device that just got a new address has two for a while.
 */
export function noteCarriers(
  carriers: Carriers,
  claims: ReadonlyMap<string, readonly Claim[]>,
  nowMs: number,
): void {
  for (const [key, addresses] of speakers(claims, nowMs)) {
    if (addresses.length < 2) continue;
    if (carriers.has(key) || addresses.length > 2 || areTwo(addresses, claims))
      for (const address of addresses) addHost(carriers, key, address, nowMs);
  }
  for (const [key, { hosts }] of carriers) {
    for (const [address, lastMs] of hosts) if (nowMs - lastMs > claimEndMs) hosts.delete(address);
    if (hosts.size === 0) carriers.delete(key);
  }
}

/** Notes a device behind the MAC, if there is room. */
export function addHost(carriers: Carriers, key: DeviceKey, address: string, nowMs: number): void {
  const carrier = carriers.get(key) ?? { hosts: new Map<string, number>() };
  if (carrier.hosts.has(address) || carrier.hosts.size < maxHosts) carrier.hosts.set(address, nowMs);
  if (carriers.size < maxCarriers) carriers.set(key, carrier);
}

/** The MACs that spoke lately, with the IPv4 addresses from which they did. */
function speakers(claims: ReadonlyMap<string, readonly Claim[]>, nowMs: number): Map<DeviceKey, string[]> {
  const found = new Map<DeviceKey, string[]>();
  for (const [address, list] of claims) {
    if (address.includes(':')) continue;
    const claim = bestClaim(list, nowMs)?.claim;
    if (!claim || nowMs - spokeMs(claim) > togetherMs || targetOf(claim.key)?.kind !== 'mac') continue;
    const own = found.get(claim.key);
    if (own) own.push(address);
    else found.set(claim.key, [address]);
  }
  return found;
}

function areTwo(addresses: readonly string[], claims: ReadonlyMap<string, readonly Claim[]>): boolean {
  const leases = addresses.map((address) => leaseOf(claims.get(address)));
  const names = new Set(leases.map((lease) => lease && `${lease.key} ${lease.hostname ?? ''}`));
  return names.size > 1 && !names.has(undefined);
}

/** The latest lease of an address. It may name another MAC than its packets: an extender leaves the request as it was. */
export function leaseOf(claims: readonly Claim[] = []): Claim | undefined {
  let latest: Claim | undefined;
  for (const claim of claims)
    if (claim.leaseMs > (latest?.leaseMs ?? Number.NEGATIVE_INFINITY)) latest = claim;
  return latest;
}

/** The key under which what comes from this MAC and address is kept: the address's own behind a carrier. */
export function hostKey(carriers: Carriers, key: DeviceKey, address: string): DeviceKey {
  return carriers.get(key)?.hosts.has(address) ? (address as DeviceKey) : key;
}

/** The MAC behind which the device lives that is known by this address. */
export function carrierOf(carriers: Carriers, key: DeviceKey): DeviceKey | undefined {
  for (const [carrier, { hosts }] of carriers) if (hosts.has(key)) return carrier;
  return undefined;
}
