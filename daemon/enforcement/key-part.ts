import { type DeviceKey, targetOf } from '../address/device-key.ts';
import { canonicalIp } from '../address/ip.ts';
import type { Kind } from './kinds.ts';
import { remembered } from './memo.ts';

/**
 * A device's key as the part of an element, parsed again right here: what is neither MAC nor address never reaches a
 * ruleset. Undefined for the router, which no set may hold.
 */
export const partOf = remembered((key): { readonly kind: Kind; readonly part: string } | undefined => {
  const target = targetOf(key as DeviceKey);
  if (!target) return undefined;
  if (target.kind === 'mac') return { kind: 'mac', part: target.mac };
  const part = canonicalIp(target.address);
  return part === undefined ? undefined : { kind: target.kind, part };
}, 2048);
