import { type DeviceKey, targetOf } from '../address/device-key.ts';
import { type Prefix, parsePrefix } from '../address/prefix.ts';
import type { Config } from '../config/config.ts';
import type { ReplayOptions } from './replay-options.ts';

/** The only interface of a replayed home. */
export const homeLink = 'home';

/** Bans of a replay do not compete: a log of many devices is as many homes of one. */
const maxBans = 512;

/** A home that holds one device. */
export function replayConfig(options: ReplayOptions, key: DeviceKey): Config {
  return {
    enabled: true,
    // Without enforcement nothing was refused, so the guard only looked on.
    mode: options.enforce ? 'guard' : 'observe',
    preset: options.preset,
    node: 'replay',
    lowmem: false,
    refuse: 'reset',
    maxBans,
    logLevel: 'error',
    report: false,
    dataDir: '',
    runDir: '',
    leaseFiles: [],
    mailDomains: [],
    blocklists: [],
    mqtt: {
      enabled: false,
      url: '',
      insecure: false,
      base: '',
      discovery: '',
      mergeDevices: false,
      commands: 'off',
    },
    networks: [
      {
        name: 'home',
        role: 'guard',
        ...(options.class && { class: options.class }),
        interfaces: [homeLink],
        // Nobody can be asked for a MAC: an address that has none in the log is the device.
        ethernet: false,
        addresses: [],
        prefixes: options.lan.length > 0 ? options.lan : own(key),
      },
    ],
    devices: [],
    staticNames: [],
  };
}

/** The device's own address, or its /64. */
function own(key: DeviceKey): readonly Prefix[] {
  const target = targetOf(key);
  const text = target?.kind === 'ip4' ? key : target?.kind === 'ip6' ? `${key}/64` : '';
  const prefix = parsePrefix(text);
  return prefix ? [prefix] : [];
}
