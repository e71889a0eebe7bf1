import { routerKey, targetOf } from '../address/device-key.ts';
import { parseIp } from '../address/ip.ts';
import { formatPrefix, prefixOf } from '../address/prefix.ts';
import { knownRelays } from '../detection/known.ts';
import { portClassOf } from '../detection/table.ts';
import type {
  AllowedRelay,
  DesiredRuleset,
  ExemptDevice,
  HeldDevice,
  KnownDevice,
  ProviderBlock,
} from '../enforcement/desired.ts';
import type { DeviceRecord } from './device-record.ts';
import { heldIn, isHolding, isReleased } from './hold.ts';
import type { Instant } from './input.ts';
import { knownKeys } from './known-devices.ts';
import type { State } from './state.ts';
import { whoIs } from './who.ts';

const dayMs = 86_400_000;
/** A learned relay is forgotten 30 days after its last use. */
const relayMs = 30 * dayMs;

/** What the kernel's table should hold now: a function of the state alone. */
export function desiredRuleset(state: State, at: Instant): DesiredRuleset {
  const { config } = state;
  const { nowMs } = at;
  const relays = [...state.records.values()]
    .flatMap((record) => relaysOf(state, record, nowMs))
    .concat(ruleRelays(state));
  return {
    networks: config.networks,
    refuse: config.refuse,
    holding: isHolding(state, nowMs),
    maskEvents: state.maskEvents,
    providers: providersIn(state, relays),
    exempt: exemptDevices(state),
    blocked: heldIn(state, 'blocked'),
    restricted: heldIn(state, 'restricted'),
    slowed: heldIn(state, 'slowed'),
    quarantined: heldIn(state, 'quarantined'),
    ...strictness(state),
    known: knownDevices(state, at),
    relays,
    cuts: state.cuts.filter((cut) => cut.endMs > nowMs),
    released: releasedDevices(state, nowMs),
  };
}

/** Only the providers that some device may use: every set of the table costs time at every ban. */
function providersIn({ providers }: State, relays: readonly AllowedRelay[]): readonly ProviderBlock[] {
  const used = new Set(relays.flatMap(({ to }) => ('provider' in to ? [to.provider] : [])));
  return [...used].sort().map((name) => ({ name, prefixes: providers.prefixesOf(name) }));
}

function exemptDevices(state: State): ExemptDevice[] {
  const guarded = state.config.networks
    .filter(({ role }) => role === 'guard')
    .flatMap(({ interfaces }) => interfaces);
  return state.config.devices
    .filter((rule) => rule.exempt || rule.class === 'mailserver')
    .flatMap((rule) => rule.keys)
    .flatMap((key) => guarded.map((name) => ({ key, interface: name })));
}

/** Devices that their owner, and nobody else, made strict or lenient. */
function strictness(state: State): { strict: HeldDevice[]; lenient: HeldDevice[] } {
  const of = (isStrict: boolean) =>
    state.config.devices
      .filter((rule) => rule.class !== undefined && (rule.class === 'iot') === isStrict)
      .flatMap(({ keys }) => keys.map((key) => ({ key })));
  return { strict: of(true), lenient: of(false) };
}

/** The same list as long as nothing about it changed: a ban must not wait for 500 devices to be looked at. */
function knownDevices(state: State, at: Instant): readonly KnownDevice[] {
  state.known ??= knownKeys({ state, at }).map((key) => ({
    key,
    budget: whoIs(state, key).class === 'iot' ? 'iot' : 'default',
  }));
  return state.known;
}

function releasedDevices(state: State, nowMs: number): HeldDevice[] {
  const released: HeldDevice[] = [];
  for (const record of state.records.values()) {
    if (!isReleased(record, nowMs) || record.releasedUntilMs === undefined) continue;
    released.push({ key: record.key, endMs: record.releasedUntilMs });
  }
  return released;
}

/** Relays that the owner allows for ever, whether or not the device ever mailed. */
function ruleRelays(state: State): AllowedRelay[] {
  return state.config.devices.flatMap((rule) =>
    rule.relays.flatMap((relay) => {
      const prefixes = relay.prefix
        ? [formatPrefix(relay.prefix)]
        : (state.resolved.get(relay.host ?? '') ?? []);
      return rule.keys.flatMap((key) =>
        prefixes.map((prefix) => ({ key, port: relay.port, to: { prefix } })),
      );
    }),
  );
}

/** Relays that the device learned, and those it was allowed for a time. */
function relaysOf(state: State, record: DeviceRecord, nowMs: number): AllowedRelay[] {
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
    const id = `${JSON.stringify(to)} ${port}`;
    learned.set(id, { key, port, to, endMs: Math.max(endMs, learned.get(id)?.endMs ?? 0) });
  }
  return [...allowed, ...learned.values()];
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
