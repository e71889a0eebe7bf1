import { type DeviceKey, keyOfAddress } from '../address/device-key.ts';
import { isRandomised, type Mac } from '../address/mac.ts';
import { type Carriers, carrierOf, hostKey } from './carriers.ts';
import { bestClaim, type Claim, claimEndMs, type Source, spokeMs } from './claims.ts';
import type { Conflicts } from './conflicts.ts';

/** One device of the home, whether it mails or not. */
export interface Device {
  readonly key: DeviceKey;
  /** Absent where there is no Ethernet, or where nobody knows it. */
  readonly mac: Mac | undefined;
  readonly randomised: boolean;
  /** Clean: see hostname.ts. */
  hostname: string | undefined;
  /** The interface where it was confirmed last, and when. */
  interface: string | undefined;
  interfaceMs: number;
  readonly firstSeenMs: number;
  lastSeenMs: number;
  /** Since when its lease is seen without a gap. */
  leasedSinceMs: number | undefined;
  /** It mailed, has an incident, or its owner named it: nobody can push it out. */
  anchored: boolean;
}

/** An address that was asked for before anybody knew its device. */
export interface Pending {
  readonly key: DeviceKey;
  /** When it was asked for last. */
  askedMs: number;
}

/** A device that was kept by its address for want of a MAC turned out to be another: its evidence belongs there. */
export interface Merge {
  readonly address: string;
  readonly from: DeviceKey;
  readonly to: DeviceKey;
}

/**
 * Who is who in the home. It is changed in place and has one owner, as the engine's state has.
 *
 * Bounds: 512 devices and 2,048 addresses. When full, those go first that nothing vouches for, the one seen longest ago
 * first: neither mail, incident or name (`anchored`) nor a lease of an hour. So ten thousand MACs that somebody makes
 * up push out each other. What was dropped is counted.
 */
export interface Directory {
  readonly devices: Map<DeviceKey, Device>;
  /** By address; at most 4 claims each, the oldest goes. */
  readonly claims: Map<string, Claim[]>;
  /** By address, at most 256: a further one is answered all the same, but will not be merged. */
  readonly pending: Map<string, Pending>;
  readonly conflicts: Conflicts;
  readonly carriers: Carriers;
  /** Devices dropped for want of room. */
  dropped: number;
}

export const maxDevices = 512;
const maxAddresses = 2048;
const maxClaims = 4;
const maxPending = 256;
/** So long after it was last asked for, an address waits for its MAC; then it is a device of its own. */
const pendingMs = 60_000;
/** A lease held for so long vouches for a device. */
const leaseVouchesMs = 3_600_000;

/** Nobody yet. */
export function emptyDirectory(): Directory {
  return {
    devices: new Map(),
    claims: new Map(),
    pending: new Map(),
    conflicts: new Map(),
    carriers: new Map(),
    dropped: 0,
  };
}

/** A device with how sure its key is; `none` means by its address, because nobody knows better yet. */
export interface Found {
  readonly key: DeviceKey;
  readonly confidence: Source | 'none';
}

/**
 * Whose address it is (canonical text). Where nobody knows, the address itself is the key, and for
 * 60 s the directory watches for its MAC: see {@link Merge}.
 */
export function lookup(directory: Directory, address: string, nowMs: number): Found {
  const best = bestClaim(directory.claims.get(address) ?? [], nowMs);
  if (best) {
    const { carriers } = directory;
    // The lease of a device behind a carrier may name its own MAC, under which no packet of it ever comes.
    const isMere = best.source === 'lease' || best.source === 'stale';
    const via = isMere ? carrierOf(carriers, address as DeviceKey) : undefined;
    return { key: hostKey(carriers, via ?? best.claim.key, address), confidence: best.source };
  }
  const key = keyOfAddress(address) ?? (address as DeviceKey);
  watchFor(directory.pending, address, key, nowMs);
  return { key, confidence: 'none' };
}

function watchFor(pending: Map<string, Pending>, address: string, key: DeviceKey, nowMs: number): void {
  const waiting = pending.get(address);
  if (waiting) {
    waiting.askedMs = nowMs;
    return;
  }
  if (pending.size >= maxPending) {
    for (const [old, { askedMs }] of pending) if (nowMs - askedMs > pendingMs) pending.delete(old);
  }
  if (pending.size < maxPending) pending.set(address, { key, askedMs: nowMs });
}

/** The claim of this device to the address, made where there was none. */
export function claimOf(directory: Directory, address: string, key: DeviceKey, nowMs: number): Claim {
  const claims = directory.claims.get(address) ?? enterAddress(directory, address, nowMs);
  const found = claims.find((claim) => claim.key === key);
  if (found) return found;
  const never = Number.NEGATIVE_INFINITY;
  const claim: Claim = {
    key,
    ledgerMs: never,
    neighbourMs: never,
    leaseMs: never,
    lastMs: nowMs,
    counted: 0,
  };
  if (claims.length >= maxClaims) claims.splice(claims.indexOf(oldestOf(claims)), 1);
  claims.push(claim);
  return claim;
}

const oldestOf = <Item extends { lastMs: number }>(items: Item[]): Item =>
  items.reduce((oldest, item) => (item.lastMs < oldest.lastMs ? item : oldest));

/**
 * Ends the wait of an address whose device is now known: what was kept by its address belongs to the device. Not so
 * where other addresses wait under the same key (an IPv6 /64): nobody can say whose that evidence is.
 */
export function settlePending(
  directory: Directory,
  address: string,
  key: DeviceKey,
  nowMs: number,
): Merge | undefined {
  const waiting = directory.pending.get(address);
  if (!waiting) return undefined;
  directory.pending.delete(address);
  if (waiting.key === key || nowMs - waiting.askedMs > pendingMs) return undefined;
  for (const other of directory.pending.values()) if (other.key === waiting.key) return undefined;
  return { address, from: waiting.key, to: key };
}

/** The device of that key, entered if there is room to be made; undefined where all who are in have a better right. */
export function enter(
  directory: Directory,
  key: DeviceKey,
  mac: Mac | undefined,
  nowMs: number,
): Device | undefined {
  const known = directory.devices.get(key);
  if (known) {
    known.lastSeenMs = nowMs;
    return known;
  }
  if (directory.devices.size >= maxDevices && !sweepDevices(directory, nowMs)) {
    directory.dropped++;
    return undefined;
  }
  const device: Device = {
    key,
    mac,
    randomised: mac !== undefined && isRandomised(mac),
    hostname: undefined,
    interface: undefined,
    interfaceMs: Number.NEGATIVE_INFINITY,
    firstSeenMs: nowMs,
    lastSeenMs: nowMs,
    leasedSinceMs: undefined,
    anchored: false,
  };
  directory.devices.set(key, device);
  return device;
}

/** Marks a device that mailed, has an incident or a name of its owner's: it stays. False where it has no place. */
export function anchor(directory: Directory, key: DeviceKey, mac: Mac | undefined, nowMs: number): boolean {
  const device = enter(directory, key, mac, nowMs);
  if (!device) return false;
  device.anchored = true;
  return true;
}

/** Lets a device that was anchored be pushed out again. */
export function unanchor(directory: Directory, key: DeviceKey): void {
  const device = directory.devices.get(key);
  if (device) device.anchored = false;
}

/** The addresses that are the device's now, the last seen first. */
export function addressesOf(directory: Directory, key: DeviceKey, nowMs: number): string[] {
  const owned: { address: string; lastMs: number }[] = [];
  for (const [address, claims] of directory.claims) {
    const best = bestClaim(claims, nowMs);
    if (best?.claim.key === key) owned.push({ address, lastMs: best.claim.lastMs });
  }
  return owned.sort((a, b) => b.lastMs - a.lastMs).map(({ address }) => address);
}

/** An honest device has one or two: whoever asks for leases by the dozen must not fill the sets of bans. */
const maxUnheard = 4;

/** By device: IPv4 addresses of which only their leases tell. */
export type Unheard = ReadonlyMap<DeviceKey, readonly string[]>;

/**
 * IPv4 addresses that are a device's by a lease alone: nobody was heard from there yet, and behind an extender its packets
 * come with another's MAC. At most {@link maxUnheard} a device, those asked for last. All devices at once, since
 * hundreds may be held while thousands of addresses are known.
 */
export function unheardAddresses({ claims }: Directory, nowMs: number): Unheard {
  const found = new Map<DeviceKey, string[]>();
  for (const [address, list] of claims) {
    if (address.includes(':') || list.some((claim) => spokeMs(claim) > Number.NEGATIVE_INFINITY)) continue;
    const best = bestClaim(list, nowMs);
    if (best?.source !== 'lease') continue;
    const own = found.get(best.claim.key);
    if (!own) found.set(best.claim.key, [address]);
    else if (own.push(address) > maxUnheard) own.shift();
  }
  return found;
}

/** 0: nothing vouches for it. 1: a lease of an hour. 2: anchored. */
function standingOf(device: Device | undefined, nowMs: number): 0 | 1 | 2 {
  if (!device) return 0;
  if (device.anchored) return 2;
  return device.leasedSinceMs !== undefined && nowMs - device.leasedSinceMs >= leaseVouchesMs ? 1 : 0;
}

/** Drops up to an eighth of the devices, the least first, but none that is anchored. False where all are. */
function sweepDevices(directory: Directory, nowMs: number): boolean {
  const victims = [...directory.devices.values()]
    .map((device) => ({ device, standing: standingOf(device, nowMs) }))
    .filter(({ standing }) => standing < 2)
    .sort((a, b) => a.standing - b.standing || a.device.lastSeenMs - b.device.lastSeenMs);
  // A device with a lease gives way to nobody but in the end: one at a time, not by the dozen.
  const idle = victims.filter(({ standing }) => standing === 0).length;
  const leaving = victims.slice(0, Math.min(maxDevices / 8, Math.max(1, idle)));
  for (const { device } of leaving) directory.devices.delete(device.key);
  directory.dropped += leaving.length;
  return leaving.length > 0;
}

function enterAddress(directory: Directory, address: string, nowMs: number): Claim[] {
  if (directory.claims.size >= maxAddresses) sweepAddresses(directory, nowMs);
  const claims: Claim[] = [];
  directory.claims.set(address, claims);
  return claims;
}

/** More addresses than any honest device has at a time: whoever has more, pushes out his own. */
const maxOwnAddresses = 64;

/** Drops ended claims, and an eighth of the addresses, those of devices that nothing vouches for or with far too many first. */
function sweepAddresses(directory: Directory, nowMs: number): void {
  const rows = [...directory.claims].map(([address, claims]) => ({
    ...{ address, key: claims.at(-1)?.key },
    lastMs: Math.max(...claims.map((claim) => claim.lastMs)),
    standing: Math.max(...claims.map(({ key }) => standingOf(directory.devices.get(key), nowMs))),
  }));
  rows.sort((a, b) => b.lastMs - a.lastMs);
  const owned = new Map<DeviceKey | undefined, number>();
  for (const row of rows) {
    const count = (owned.get(row.key) ?? 0) + 1;
    owned.set(row.key, count);
    if (count > maxOwnAddresses || nowMs - row.lastMs > claimEndMs) row.standing = -1;
  }
  rows.sort((a, b) => a.standing - b.standing || a.lastMs - b.lastMs);
  for (const { address } of rows.slice(0, maxAddresses / 8)) directory.claims.delete(address);
}
