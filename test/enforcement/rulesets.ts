import { type DeviceKey, keyOfAddress, keyOfMac } from '../../daemon/address/device-key.ts';
import { parseMac } from '../../daemon/address/mac.ts';
import type { Network } from '../../daemon/config/config.ts';
import type { DesiredRuleset, KnownDevice } from '../../daemon/enforcement/desired.ts';

/** The networks of small-net.ts, as the daemon would find them. */
export function networks(lanClass?: Network['class']): Network[] {
  const net = (name: string, role: Network['role'], interfaces: string[], of?: Network['class']): Network => {
    return { name, role, interfaces, addresses: [], prefixes: [], ...(of !== undefined && { class: of }) };
  };
  return [
    net('lan', 'guard', ['lan0'], lanClass),
    net('guest', 'guard', ['guest0']),
    net('vpn', 'guard', ['tun0']),
    net('wan', 'upstream', ['wan0']),
  ];
}

/** A ruleset that guards and holds nobody, with changes. */
export function ruleset(changes: Partial<DesiredRuleset> = {}): DesiredRuleset {
  return {
    networks: networks(),
    refuse: 'reset',
    holding: true,
    maskEvents: false,
    providers: [],
    exempt: [],
    blocked: [],
    restricted: [],
    slowed: [],
    quarantined: [],
    strict: [],
    lenient: [],
    known: [],
    relays: [],
    cuts: [],
    released: [],
    ...changes,
  };
}

/** The key of a MAC or an address. */
export function keyOf(text: string): DeviceKey {
  const mac = parseMac(text);
  const key = mac ? keyOfMac(mac) : keyOfAddress(text);
  if (key === undefined) throw new Error(`no key: ${text}`);
  return key;
}

export function known(text: string, budget: KnownDevice['budget'] = 'default'): KnownDevice {
  return { key: keyOf(text), budget };
}
