import type {
  AllowedRelay,
  DesiredRuleset,
  ExemptDevice,
  HeldDevice,
  KnownDevice,
  ProviderBlock,
} from '../enforcement/desired.ts';
import { unheardAddresses } from '../identity/directory.ts';
import { heldIn, isHolding, isReleased } from './hold.ts';
import type { Instant } from './input.ts';
import { knownKeys } from './known-devices.ts';
import { relaysOf, ruleRelays } from './relays-of.ts';
import type { State } from './state.ts';
import { whoIs } from './who.ts';

/** What the kernel's table should hold now: a function of the state alone. */
export function desiredRuleset(state: State, at: Instant): DesiredRuleset {
  const { config } = state;
  const { nowMs } = at;
  const relays = [...state.records.values()]
    .flatMap((record) => relaysOf(state, record, nowMs))
    .concat(ruleRelays(state));
  const unheard = unheardAddresses(state.directory, nowMs);
  return {
    networks: config.networks,
    refuse: config.refuse,
    holding: isHolding(state, nowMs),
    maskEvents: state.maskEvents,
    providers: providersIn(state, relays),
    exempt: exemptDevices(state),
    blocked: heldIn(state, 'blocked', unheard),
    restricted: heldIn(state, 'restricted', unheard),
    slowed: heldIn(state, 'slowed', unheard),
    quarantined: heldIn(state, 'quarantined', unheard),
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
    const { key, releasedUntilMs: endMs } = record;
    if (!isReleased(record, nowMs) || endMs === undefined) continue;
    released.push({ key, endMs });
  }
  return released;
}
