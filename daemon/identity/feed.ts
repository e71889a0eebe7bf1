import { keyOfMac } from '../address/device-key.ts';
import { parseMac } from '../address/mac.ts';
import type { LedgerRow } from '../enforcement/reading.ts';
import { type Claim, speaksInTurns, spokeMs } from './claims.ts';
import { endConflicts, noteConflict } from './conflicts.ts';
import { claimOf, type Device, type Directory, enter, type Merge, settlePending } from './directory.ts';
import { cleanHostname } from './hostname.ts';
import type { Lease, Neighbour } from './sighting.ts';

/** Every device has link-local addresses, the same on each of its interfaces: they say where it is, not who. */
const isLinkLocal = (address: string) => /^fe[89ab]/.test(address) || address.startsWith('169.254.');

/** Takes in the neighbour table. Returns the devices that were kept by address until now. */
export function feedNeighbours(directory: Directory, rows: readonly Neighbour[], nowMs: number): Merge[] {
  endConflicts(directory.conflicts, nowMs);
  const merges: (Merge | undefined)[] = [];
  for (const row of rows) {
    const key = keyOfMac(row.mac);
    const device = enter(directory, key, row.mac, nowMs);
    if (device && row.fresh) noteInterface(directory, device, row.interface, nowMs);
    if (isLinkLocal(row.address)) continue;
    const claim = claimOf(directory, row.address, key, nowMs);
    if (row.fresh) {
      noteTurns(directory, row.address, claim, nowMs);
      claim.neighbourMs = nowMs;
    }
    claim.lastMs = nowMs;
    merges.push(settlePending(directory, row.address, key, nowMs));
  }
  return merges.filter((merge) => merge !== undefined);
}

/** Takes in the leases, all of them: what is not among them any more is no lease. */
export function feedLeases(directory: Directory, rows: readonly Lease[], nowMs: number): Merge[] {
  const merges: (Merge | undefined)[] = [];
  const leased = new Set<Device>();
  for (const row of rows) {
    const hostname = row.hostname === undefined ? undefined : cleanHostname(row.hostname);
    // DHCPv6 leases carry no MAC: they name whoever has the address.
    const key = row.mac ? keyOfMac(row.mac) : directory.claims.get(row.address)?.at(-1)?.key;
    if (!key) continue;
    const device = row.mac ? enter(directory, key, row.mac, nowMs) : directory.devices.get(key);
    if (device) {
      device.hostname = hostname ?? device.hostname;
      leased.add(device);
    }
    if (!row.mac) continue;
    const claim = claimOf(directory, row.address, key, nowMs);
    claim.leaseMs = nowMs;
    claim.hostname = hostname ?? claim.hostname;
    claim.lastMs = nowMs;
    merges.push(settlePending(directory, row.address, key, nowMs));
  }
  for (const device of directory.devices.values()) {
    device.leasedSinceMs = leased.has(device) ? (device.leasedSinceMs ?? nowMs) : undefined;
  }
  return merges.filter((merge) => merge !== undefined);
}

/**
 * Takes in the ledger: the packet's own source and MAC. A row only speaks when its counter moved, since it lives an
 * hour beyond its last packet: in the first reading of all (`isFirst`) it may be of somebody who had the address before.
 * Where a network has no Ethernet its key is the address, and that settles it.
 */
export function feedLedger(
  directory: Directory,
  rows: readonly LedgerRow[],
  nowMs: number,
  isFirst = false,
): Merge[] {
  const merges: (Merge | undefined)[] = [];
  for (const [address, { key, connections }] of byAddressAndKey(rows)) {
    const claim = claimOf(directory, address, key, nowMs);
    const hasSpoken = connections !== claim.counted;
    claim.counted = connections;
    if (!hasSpoken || isFirst) continue;
    enter(directory, key, parseMac(key), nowMs);
    noteTurns(directory, address, claim, nowMs);
    claim.ledgerMs = nowMs;
    claim.lastMs = nowMs;
    merges.push(settlePending(directory, address, key, nowMs));
  }
  return merges.filter((merge) => merge !== undefined);
}

/** The ledger counts each port apart; who has an address is one question. */
function byAddressAndKey(rows: readonly LedgerRow[]): [string, Pick<LedgerRow, 'key' | 'connections'>][] {
  const sums = new Map<string, [string, { key: LedgerRow['key']; connections: number }]>();
  for (const { src, key, connections } of rows) {
    const id = `${src} ${key}`;
    const sum = sums.get(id);
    if (sum) sum[1].connections += connections;
    else sums.set(id, [src, { key, connections }]);
  }
  return [...sums.values()];
}

function noteTurns(directory: Directory, address: string, claim: Claim, nowMs: number): void {
  const other = speaksInTurns(directory.claims.get(address) ?? [], claim, spokeMs(claim), nowMs);
  if (!other) return;
  const keys = claim.key < other.key ? ([claim.key, other.key] as const) : ([other.key, claim.key] as const);
  noteConflict(directory.conflicts, address, {
    kind: 'address',
    address,
    keys,
    sinceMs: nowMs,
    lastMs: nowMs,
  });
}

function noteInterface(directory: Directory, device: Device, link: string, nowMs: number): void {
  // The same reading shows it alive elsewhere: two ports at one time, not a walk from one to the other.
  if (device.interface !== undefined && device.interface !== link && device.interfaceMs === nowMs) {
    const interfaces =
      device.interface < link ? ([device.interface, link] as const) : ([link, device.interface] as const);
    const { key } = device;
    noteConflict(directory.conflicts, key, {
      kind: 'interfaces',
      keys: [key],
      interfaces,
      sinceMs: nowMs,
      lastMs: nowMs,
    });
  }
  device.interface = link;
  device.interfaceMs = nowMs;
}
