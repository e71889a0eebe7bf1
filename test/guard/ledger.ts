import type { Lab } from '../lab/lab.ts';

interface Listed {
  readonly nftables: readonly {
    readonly set?: { readonly name: string; readonly elem?: readonly unknown[] };
  }[];
}

interface Counted {
  readonly elem: {
    readonly val: { readonly concat: readonly string[] };
    readonly counter: { packets: number };
  };
}

/** Connections that the kernel's ledger counted for a device since the table was made. */
export async function ledgerOf(lab: Lab, mac: string): Promise<number> {
  const { nftables } = JSON.parse(await lab.nft('-j', 'list', 'table', 'inet', 'postern')) as Listed;
  const ledgers = nftables.flatMap(({ set }) => (set?.name.startsWith('ledger_') ? (set.elem ?? []) : []));
  const own = (ledgers as readonly Counted[]).filter(({ elem }) => elem.val.concat[0] === mac);
  return own.reduce((sum, { elem }) => sum + elem.counter.packets, 0);
}
