import { formatIp, parseIp, parseIp4 } from './ip.ts';
import { type Mac, parseMac } from './mac.ts';
import { prefixOf } from './prefix.ts';

/**
 * What identifies a device in state, topics and requests: the twelve hex digits of its MAC, or where it has none
 * an IPv4 address or the first address of an IPv6 /64. The router itself is `router`.
 */
export type DeviceKey = string & { readonly deviceKey: unique symbol };

/** The router's own key: its mail is watched, never stopped. */
export const routerKey = 'router' as DeviceKey;

/** What a key stands for, as the ruleset needs it. `ip6` is the first address of a /64. */
export type KeyTarget =
  | { readonly kind: 'mac'; readonly mac: Mac }
  | { readonly kind: 'ip4'; readonly address: string }
  | { readonly kind: 'ip6'; readonly address: string };

/** The key of a device with Ethernet. */
export function keyOfMac(mac: Mac): DeviceKey {
  return mac.replaceAll(':', '') as DeviceKey;
}

/** The key of a device known by address only: the IPv4 address, or the IPv6 address's /64. Undefined if it is no address. */
export function keyOfAddress(text: string): DeviceKey | undefined {
  // An IPv4 address that can be read is canonical text already.
  if (!text.includes(':')) return parseIp4(text) === undefined ? undefined : (text as DeviceKey);
  const ip = parseIp(text);
  return ip && (formatIp(prefixOf(ip, 64)) as DeviceKey);
}

/** Reads a key, a MAC in any usual form or an address, as people and programs give it; undefined if it is none. */
export function parseDeviceKey(text: string): DeviceKey | undefined {
  if (text === routerKey) return routerKey;
  const mac = parseMac(text);
  return mac ? keyOfMac(mac) : keyOfAddress(text);
}

/** What the key stands for; undefined for the router, which no set ever holds. */
export function targetOf(key: DeviceKey): KeyTarget | undefined {
  const mac = parseMac(key);
  if (mac) return { kind: 'mac', mac };
  const ip = parseIp(key);
  if (!ip) return undefined;
  return { kind: ip.family === 4 ? 'ip4' : 'ip6', address: key };
}
