import { formatIp, parseIp, parseIp4 } from '../address/ip.ts';
import type { Address } from './seen.ts';

/** Reads an address as the history keeps it; undefined if it is none. */
export function shortAddress(text: string): Address | undefined {
  if (!text.includes(':')) {
    const low = parseIp4(text);
    return low === undefined ? undefined : { family: 4, high: 0, low };
  }
  const ip = parseIp(text);
  if (!ip) return undefined;
  return { family: 6, high: Number(ip.value >> 96n), low: Number((ip.value >> 64n) & 0xffff_ffffn) };
}

/** Its text: `192.0.2.7`, or `2001:db8:1::/64`. */
export function spokenAddress({ family, high, low }: Address): string {
  if (family === 4) return formatIp({ family, value: BigInt(low) });
  return `${formatIp({ family, value: (BigInt(high) << 96n) | (BigInt(low) << 64n) })}/64`;
}

/** Whether both are the same server, or the same /64. */
export function isSameAddress(a: Address | undefined, b: Address | undefined): boolean {
  return a === undefined || b === undefined
    ? a === b
    : a.family === b.family && a.high === b.high && a.low === b.low;
}
