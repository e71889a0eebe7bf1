import { type DeviceKey, parseDeviceKey, routerKey, targetOf } from '../address/device-key.ts';
import type { Mac } from '../address/mac.ts';
import type { DeviceRule, Network } from '../config/config.ts';
import { carrierOf, hostKey, leaseOf } from '../identity/carriers.ts';
import { classify } from '../identity/classify.ts';
import { conflictsOf } from '../identity/conflicts.ts';
import { addressesOf } from '../identity/directory.ts';
import { displayName } from '../identity/name.ts';
import { isRouter, networkAt } from './home.ts';
import type { State } from './state.ts';
import type { Who } from './who-record.ts';

/** The owner's section about the device; about the router itself, the one that gives an address of its own. */
export function ruleOf(state: State, key: DeviceKey): DeviceRule | undefined {
  const { config, directory } = state;
  const isOwn = (one: DeviceKey) => one === key || (key === routerKey && isRouter(config, one));
  const own = config.devices.find(({ keys }) => keys.some(isOwn));
  const carrier = own ? undefined : carrierOf(directory.carriers, key);
  return carrier === undefined ? own : config.devices.find(({ keys }) => keys.includes(carrier));
}

/** Who the device is. Kept until the directory or the configuration changes, since every mail connection asks. */
export function whoIs(state: State, key: DeviceKey): Who {
  const kept = state.who.get(key);
  if (kept) return kept;
  const who = describe(state, key);
  if (state.who.size >= mostKept) state.who.clear();
  state.who.set(key, who);
  return who;
}

/** So many are kept; then all are asked for anew. */
const mostKept = 1024;

function describe(state: State, key: DeviceKey): Who {
  const { config, directory } = state;
  if (key === routerKey) return routerItself(ruleOf(state, key));
  const mac = macOf(key);
  const gateway = state.gateways.has(key);
  const behind = carrierOf(directory.carriers, key);
  const lease = behind === undefined ? undefined : leaseOf(directory.claims.get(key));
  const device = directory.devices.get(key);
  const randomised = device?.randomised ?? false;
  const rule = ruleOf(state, key);
  const network = networkOf(state, key);
  const maker = lease && lease.key !== behind ? macOf(lease.key) : mac;
  const vendor = maker && !randomised ? state.vendorOf(maker) : undefined;
  const given = config.staticNames.find((name) => maker !== undefined && name.mac === maker)?.name;
  const carries = directory.carriers.get(key)?.hosts.size ?? 0;
  // What those behind a carrier call themselves, with its MAC, is no name of its own.
  const hostname = lease ? lease.hostname : carries > 0 ? undefined : device?.hostname;
  // What its owner called the extender is no name for what is behind it.
  const user = rule?.keys.includes(key) ? rule.name : undefined;
  const address = mac ? undefined : key;
  const classified = classify({ user: rule?.class, network: network?.class, vendor, hostname });
  return {
    name: displayName({ user, lease: given, hostname, vendor, mac, randomised, address }),
    shortName: user ?? given ?? hostname,
    vendor,
    randomised,
    network: network?.name,
    class: classified.class,
    classReason: classified.reason,
    guessed: classified.source === 'guess',
    noun: classified.noun,
    exempt: rule?.exempt ?? false,
    gateway,
    rule: gateway ? 'tell' : (rule?.action ?? 'auto'),
    conflict: conflictsOf(directory.conflicts, behind ?? key).some(
      // One of those behind a carrier that comes and goes says nothing of the others.
      (one) => behind === undefined || one.kind !== 'address' || one.address === key,
    ),
    behind,
    carries,
  };
}

function macOf(key: DeviceKey): Mac | undefined {
  const target = targetOf(key);
  return target?.kind === 'mac' ? target.mac : undefined;
}

/** The router is told of and never held: it would have to hold itself. */
const routerItself = (rule: DeviceRule | undefined): Who => ({
  name: 'this router',
  shortName: 'router',
  vendor: undefined,
  randomised: false,
  network: undefined,
  class: rule?.class ?? 'unknown',
  classReason: 'the router itself',
  guessed: false,
  noun: 'router',
  exempt: rule?.exempt ?? false,
  gateway: false,
  rule: 'tell',
  conflict: false,
  behind: undefined,
  carries: 0,
});

/** The guarded network the device is on: by its interface, else by its address. */
function networkOf(state: State, key: DeviceKey): Network | undefined {
  const { networks } = state.config;
  const link = state.directory.devices.get(key)?.interface;
  const byLink = networks.find(({ interfaces }) => link !== undefined && interfaces.includes(link));
  if (byLink) return byLink;
  const addresses =
    targetOf(key)?.kind === 'mac'
      ? [...state.directory.claims]
          .filter(([, claims]) => claims.some((claim) => claim.key === key))
          .map(([address]) => address)
      : [key];
  return addresses
    .map((address) => networkAt(state.config, address))
    .find((network) => network !== undefined);
}

/** The device's addresses now, the last seen first; of a device without a MAC, itself. */
export function addressesFor(state: State, key: DeviceKey, nowMs: number): readonly string[] {
  const target = targetOf(key);
  if (!target) return [];
  if (target.kind !== 'mac') return [key];
  const { lastAddresses: last } = state;
  if (last?.key === key && last.nowMs === nowMs) return last.addresses;
  const addresses = addressesOf(state.directory, key, nowMs).slice(0, 8);
  state.lastAddresses = { key, nowMs, addresses };
  return addresses;
}

/** The device that a person means: by key, MAC, address, or a name that only one has. */
export function findDevice(state: State, asked: string): DeviceKey | 'ambiguous' | undefined {
  const key = parseDeviceKey(asked);
  if (key !== undefined) {
    if (state.records.has(key) || state.directory.devices.has(key)) return key;
    const claimed = state.directory.claims.get(asked)?.at(-1)?.key;
    return claimed && hostKey(state.directory.carriers, claimed, asked);
  }
  const wanted = asked.toLowerCase();
  const keys = new Set([...state.records.keys(), ...state.directory.devices.keys()]);
  const named = [...keys].filter((candidate) => {
    const who = whoIs(state, candidate);
    return who.shortName?.toLowerCase() === wanted || who.name.toLowerCase() === wanted;
  });
  return named.length > 1 ? 'ambiguous' : named[0];
}
