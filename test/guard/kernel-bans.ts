import type { Lab } from '../lab/lab.ts';

/** One held device, as the kernel holds it. */
export interface KernelBan {
  /** The set's name, `blocked_mac`. */
  readonly set: string;
  /** Packets refused so far. */
  readonly refused: number;
  /** Wall clock; absent where the ban has no end. */
  readonly endsAtMs?: number;
}

interface Listed {
  readonly nftables: readonly {
    readonly set?: { readonly name: string; readonly elem?: readonly unknown[] };
  }[];
}

const heldSets = /^(blocked|restricted|slowed|quarantined)_/;

/** Whom the table on the router holds, by MAC or address; read with nft, so without the daemon. */
export async function bansOf(lab: Lab): Promise<Record<string, KernelBan>> {
  return bansIn(await lab.nft('-j', 'list', 'table', 'inet', 'postern'));
}

/** The same of a listing that was just made. */
export function bansIn(listing: string): Record<string, KernelBan> {
  const { nftables } = JSON.parse(listing) as Listed;
  const nowMs = Date.now();
  const bans: Record<string, KernelBan> = {};
  for (const { set } of nftables) {
    if (!set || !heldSets.test(set.name)) continue;
    for (const element of set.elem ?? []) {
      const { elem } = element as {
        elem: { val: string; expires?: number; counter?: { packets: number } };
      };
      bans[elem.val] = {
        set: set.name,
        refused: elem.counter?.packets ?? 0,
        ...(elem.expires === undefined ? {} : { endsAtMs: nowMs + elem.expires * 1000 }),
      };
    }
  }
  return bans;
}
