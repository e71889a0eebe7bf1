/** Lines looked at: miniupnpd keeps fewer. */
const maxLines = 1000;

/** What mappings are called, by {@link leaseId}. The name is as the device gave it: hostile. */
export type LeaseNames = ReadonlyMap<string, string>;

/** A mapping's place in {@link LeaseNames}. */
export const leaseId = (protocol: string, port: string, address: string) => `${protocol} ${port} ${address}`;

/** Reads miniupnpd's leases file: `TCP:8080:192.168.1.20:80:1767225600:description`, one mapping a line. */
export function parseLeases(text: string): LeaseNames {
  const names = new Map<string, string>();
  for (const line of text.split('\n', maxLines)) {
    const [, protocol = '', port = '', address = '', name = ''] =
      /^(TCP|UDP):(\d{1,5}):([0-9.]{7,15}):\d{1,5}:\d{1,12}:(.{1,255})$/.exec(line.trim()) ?? [];
    if (protocol !== '') names.set(leaseId(protocol.toLowerCase(), port, address), name);
  }
  return names;
}
