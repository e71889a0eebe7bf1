import type { ReplayFlow } from './replay-flow.ts';

/**
 * How a flow went by the TCP flags that each side was seen to send, as letters (F, S, R, P, A). A side that acknowledges
 * has seen the other's SYN: so a device's A is a completed handshake. A flow of which neither side's SYN was seen was
 * there before: midway.
 */
export function tcpStateOf(device: string, server: string): Pick<ReplayFlow, 'state' | 'midway'> {
  const midway = device.includes('S') || server.includes('S') ? {} : { midway: true as const };
  if (device.includes('A')) {
    return { state: device.includes('P') || device.includes('F') ? 'established' : 'est_nodata', ...midway };
  }
  return { state: server === '' ? 'timeout' : 'refused', ...midway };
}
