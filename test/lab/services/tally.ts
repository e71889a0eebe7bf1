/** One message that a sink accepted. `atMs` is the wall clock when it took the message over. */
export interface Accepted {
  readonly atMs: number;
  readonly sender: string;
  /** The address of the sink that took it, without an IPv4-mapped prefix. */
  readonly destination: string;
  readonly port: number;
  readonly bytes: number;
}

/** Server-side totals since the last reset. */
export interface Counts {
  readonly total: number;
  readonly bySender: Readonly<Record<string, number>>;
  readonly byDestination: Readonly<Record<string, number>>;
  readonly byPort: Readonly<Record<string, number>>;
  /** TCP connections that a mail port accepted, whatever came of them. */
  readonly connections: number;
  /** Message bytes. */
  readonly bytes: number;
}

// Beyond this only the totals go on.
const keptRecords = 100_000;

/** Keeps account of accepted messages. */
export function makeTally() {
  let records: Accepted[] = [];
  let connections = 0;
  let total = 0;
  let bytes = 0;
  const by = {
    sender: new Map<string, number>(),
    destination: new Map<string, number>(),
    port: new Map<string, number>(),
  };
  const bump = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  return {
    connected(): void {
      connections += 1;
    },
    accepted(record: Accepted): void {
      total += 1;
      bytes += record.bytes;
      bump(by.sender, record.sender);
      bump(by.destination, record.destination);
      bump(by.port, String(record.port));
      if (records.length < keptRecords) records.push(record);
    },
    counts: (): Counts => ({
      total,
      bySender: Object.fromEntries(by.sender),
      byDestination: Object.fromEntries(by.destination),
      byPort: Object.fromEntries(by.port),
      connections,
      bytes,
    }),
    records: (): readonly Accepted[] => records,
    reset(): void {
      records = [];
      connections = 0;
      total = 0;
      bytes = 0;
      for (const map of Object.values(by)) map.clear();
    },
  };
}
