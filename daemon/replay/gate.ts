import type { DeviceKey } from '../address/device-key.ts';
import { parseIp } from '../address/ip.ts';
import { contains, parsePrefix } from '../address/prefix.ts';
import type { MailPort } from '../conntrack/flow.ts';
import type { Providers } from '../detection/providers.ts';
import type { AllowedRelay, DesiredRuleset, HeldDevice } from '../enforcement/desired.ts';

/** What the kernel's table does with one device's mail. */
export interface Gate {
  /** Whether a packet to that server is refused now; `src` tells apart who lives behind one MAC. */
  refuses(dst: string, port: MailPort, nowMs: number, src?: string): boolean;
}

/** Nothing is refused. */
export const openGate: Gate = { refuses: () => false };

/**
 * The desired ruleset as the kernel applies it to one device: quarantined, exempt, blocked, relays, restricted,
 * released, strict, in this order, as in guard-chain.ts. Budgets are left out: they depend on packets that no flow log
 * has.
 */
export function gateOf(ruleset: DesiredRuleset, key: DeviceKey, providers: Providers): Gate {
  if (!ruleset.holding) return openGate;
  const quarantined = endOf(ruleset.quarantined, key);
  const blocked = endOf(ruleset.blocked, key);
  const restricted = endOf(ruleset.restricted, key);
  const released = endOf(ruleset.released, key);
  const isStrict = strictFor(ruleset, key);
  if (!isStrict && Math.max(quarantined, blocked, restricted) === never) return openGate;
  const isExempt = ruleset.exempt.some((exempt) => exempt.key === key);
  const relays = ruleset.relays
    .filter((relay) => relay.key === key)
    .map((relay) => relayTest(relay, providers));
  return {
    refuses(dst, port, nowMs) {
      if (nowMs < quarantined) return true;
      if (isExempt) return false;
      if (nowMs < blocked) return true;
      if (nowMs >= restricted && (!isStrict || port !== 25)) return false;
      if (relays.some((allows) => allows(dst, port, nowMs))) return false;
      return nowMs < restricted || nowMs >= released;
    },
  };
}

/** The same of a MAC behind which several devices live: each is held by its address, or all are by the MAC. */
export function carrierGate(
  ruleset: DesiredRuleset,
  mac: DeviceKey,
  addresses: Iterable<string>,
  providers: Providers,
): Gate {
  const all = gateOf(ruleset, mac, providers);
  const gates = new Map(
    [...addresses].map((address) => [address, gateOf(ruleset, address as DeviceKey, providers)]),
  );
  return {
    refuses: (dst, port, nowMs, src = '') =>
      all.refuses(dst, port, nowMs) || gates.get(src)?.refuses(dst, port, nowMs) === true,
  };
}

const never = Number.NEGATIVE_INFINITY;

/** Until when the device is in the set. */
function endOf(held: readonly HeldDevice[], key: DeviceKey): number {
  const found = held.find((device) => device.key === key);
  return found ? (found.endMs ?? Number.POSITIVE_INFINITY) : never;
}

/** Port 25 to relays only: by name, or because its network is. The networks of a replay hold that device alone. */
function strictFor({ strict, lenient, networks }: DesiredRuleset, key: DeviceKey): boolean {
  if (strict.some((device) => device.key === key)) return true;
  const isStrictNetwork = networks.some((network) => network.role === 'guard' && network.class === 'iot');
  return isStrictNetwork && !lenient.some((device) => device.key === key);
}

function relayTest(
  { port, to, endMs }: AllowedRelay,
  { groupOf }: Providers,
): (dst: string, dport: MailPort, nowMs: number) => boolean {
  const isLive = (dport: MailPort, nowMs: number) => dport === port && (endMs === undefined || nowMs < endMs);
  if ('provider' in to)
    return (dst, dport, nowMs) => isLive(dport, nowMs) && groupOf(dst).provider === to.provider;
  const prefix = parsePrefix(to.prefix);
  return (dst, dport, nowMs) => {
    if (!prefix || !isLive(dport, nowMs)) return false;
    const ip = parseIp(dst);
    return ip !== undefined && contains(prefix, ip);
  };
}
