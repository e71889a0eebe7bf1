import { routerKey, targetOf } from '../address/device-key.ts';
import { parseIp } from '../address/ip.ts';
import { formatPrefix, prefixOf } from '../address/prefix.ts';
import { knownRelays } from '../detection/known.ts';
import { portClassOf } from '../detection/table.ts';
import type { AllowedRelay } from '../enforcement/desired.ts';
import type { DeviceRecord, LearnedRelay } from './device-record.ts';
import type { State } from './state.ts';

const dayMs = 86_400_000;
/** A learned relay is forgotten 30 days after its last use. */
export const relayMs = 30 * dayMs;

/** Relays that the owner allows for ever, whether or not the device ever mailed. */
export function ruleRelays(state: State): AllowedRelay[] {
  return state.config.devices.flatMap((rule) =>
    rule.relays.flatMap((relay) => {
      const prefixes = relay.prefix
        ? [formatPrefix(relay.prefix)]
        : [...(state.resolved.get(relay.host ?? '')?.keys() ?? [])];
      return rule.keys.flatMap((key) =>
        prefixes.map((prefix) => ({ key, port: relay.port, to: { prefix } })),
      );
    }),
  );
}

/** Relays that the device learned, and those it was allowed for a time. */
export function relaysOf(state: State, record: DeviceRecord, nowMs: number): AllowedRelay[] {
  const { key } = record;
  if (record.learned.length + record.allowances.length === 0 || key === routerKey || !targetOf(key))
    return [];
  const allowed: AllowedRelay[] = record.allowances
    .filter(({ endMs }) => endMs === undefined || endMs > nowMs)
    .map(({ prefix, port, endMs }) => ({
      key,
      port,
      to: { prefix },
      ...(endMs === undefined ? {} : { endMs }),
    }));
  const known = new Map(
    knownRelays(record.profile).map((relay) => [`${relay.portClass} ${relay.group}`, relay]),
  );
  const learned = new Map<string, AllowedRelay>();
  for (const { group, address, port, lastMs } of record.learned) {
    const portClass = portClassOf(port);
    if (portClass === undefined || !known.has(`${portClass} ${group}`)) continue;
    // Whole days, so that a relay in daily use does not change the kernel's set at every mail.
    const endMs = Math.ceil((lastMs + relayMs) / dayMs) * dayMs;
    const { provider } = state.providers.groupOf(address);
    const to = provider === undefined ? { prefix: relayPrefix(address, port) } : { provider };
    const id = `${provider ?? to.prefix} ${port}`;
    learned.set(id, { key, port, to, endMs: Math.max(endMs, learned.get(id)?.endMs ?? 0) });
  }
  return [...allowed, ...learned.values()];
}

/** Whether what the kernel lets pass for the one relay lets the other pass as well. */
export function isSameDoor({ providers }: State, one: LearnedRelay, other: LearnedRelay): boolean {
  if (one.port !== other.port || one.group !== other.group) return false;
  const [a, b] = [one, other].map(({ address }) => providers.groupOf(address).provider);
  return (
    a === b &&
    (a !== undefined || relayPrefix(one.address, one.port) === relayPrefix(other.address, one.port))
  );
}

/**
 * The prefix that a learned relay opens: relays answer from neighbouring addresses. Submission asks for a login, so
 * the group's own width (/16, /32) is open there; port 25 asks for nothing, so only a /24 or /48 is.
 */
function relayPrefix(address: string, port: number): string {
  const ip = parseIp(address);
  if (!ip) return address;
  const wide = ip.family === 4 ? 16 : 32;
  const narrow = ip.family === 4 ? 24 : 48;
  return formatPrefix(prefixOf(ip, port === 25 ? narrow : wide));
}
