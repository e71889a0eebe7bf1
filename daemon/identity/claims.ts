import type { DeviceKey } from '../address/device-key.ts';

/** How an address was tied to a device, from the strongest: the packet itself, a fresh neighbour, a lease, a memory. */
export type Source = 'ledger' | 'neighbour' | 'lease' | 'stale';

/** One device's claim to one address. Times are monotonic; -Infinity where the source never spoke. */
export interface Claim {
  readonly key: DeviceKey;
  ledgerMs: number;
  neighbourMs: number;
  leaseMs: number;
  /** Clean: what it called itself when it got the lease of this very address. */
  hostname?: string | undefined;
  /** Any sighting, merely remembered neighbours included. */
  lastMs: number;
  /** The ledger's counter at the last reading: it grew only if the device sent something since. */
  counted: number;
}

/** So long a packet, and so long a confirmed neighbour, says who has an address now. */
const liveMs = { ledger: 60_000, neighbour: 120_000 } as const;
/** A lease is believed for so long after it was last read from the file. */
const leaseLiveMs = 600_000;
/** An older claim says nothing any more. */
export const claimEndMs = 86_400_000;

/** What a claim is worth now; undefined when it has ended. */
export function sourceOf(claim: Claim, nowMs: number): Source | undefined {
  if (nowMs - claim.ledgerMs <= liveMs.ledger) return 'ledger';
  if (nowMs - claim.neighbourMs <= liveMs.neighbour) return 'neighbour';
  if (nowMs - claim.leaseMs <= leaseLiveMs) return 'lease';
  return nowMs - claim.lastMs <= claimEndMs ? 'stale' : undefined;
}

const ranks: Readonly<Record<Source, number>> = { ledger: 3, neighbour: 2, lease: 1, stale: 0 };

/** The strongest claim, the latest among equals, with its source; undefined where none is left. */
export function bestClaim(
  claims: readonly Claim[],
  nowMs: number,
): { claim: Claim; source: Source } | undefined {
  let best: { claim: Claim; source: Source } | undefined;
  for (const claim of claims) {
    const source = sourceOf(claim, nowMs);
    if (!source) continue;
    const ahead = best ? ranks[source] - ranks[best.source] || claim.lastMs - best.claim.lastMs : 1;
    if (ahead > 0) best = { claim, source };
  }
  return best;
}

/** When the device itself last spoke from the address. */
export const spokeMs = (claim: Claim) => Math.max(claim.ledgerMs, claim.neighbourMs);

/** Two devices that spoke from one address in turns within so long are both alive there. */
const turnsMs = 300_000;

/**
 * Whether another device spoke from the address between this one's last word (`beforeMs`) and now: A, B, A. One that
 * merely took over an address (A, then B for good) is no conflict.
 */
export function speaksInTurns(
  claims: readonly Claim[],
  claim: Claim,
  beforeMs: number,
  nowMs: number,
): Claim | undefined {
  if (nowMs - beforeMs > turnsMs) return undefined;
  return claims.find((other) => other !== claim && spokeMs(other) > beforeMs);
}
