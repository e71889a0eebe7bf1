import type * as v from 'valibot';
import { type DeviceKey, keyOfAddress, keyOfMac } from '../address/device-key.ts';
import { type Mac, parseMac } from '../address/mac.ts';
import type { DeviceRule } from './config.ts';
import { error, type Problem } from './problem.ts';
import type { Dictionary, RawSection } from './raw.ts';
import type { deviceSchema } from './schema.ts';
import { isDisplayName } from './schema.ts';

/** Bound of `device` sections: a config with more is refused. */
export const maxDevices = 1024;
/** Bound of static names; the rest is left out, and those devices have the names they give themselves. */
const maxStaticNames = 1024;

/** The rule of a `device` section that passed its schema; or the problem that it names no device. */
export function deviceRule(path: string, values: v.InferOutput<typeof deviceSchema>): DeviceRule | Problem {
  const { mac = [], address, name, relay = [], action } = values;
  const addressKey = address === undefined ? undefined : keyOfAddress(address);
  const keys: DeviceKey[] = mac.length > 0 ? mac.map(keyOfMac) : addressKey === undefined ? [] : [addressKey];
  if (keys.length === 0)
    return error(`${path}.mac`, 'is missing', 'Name the device by its mac, or by its address.');
  return {
    keys: [...new Set(keys)],
    ...(mac.length > 0 && address !== undefined ? { address } : {}),
    ...(name === undefined ? {} : { name }),
    ...(values.class === undefined ? {} : { class: values.class }),
    exempt: values.exempt ?? values.class === 'mailserver',
    relays: relay,
    action,
  };
}

/** One problem for each device that two sections speak about. `rules` go with the paths of their sections. */
export function repeatedDevices(rules: readonly { path: string; rule: DeviceRule }[]): Problem[] {
  const first = new Map<DeviceKey, string>();
  return rules.flatMap(({ path, rule }) =>
    rule.keys.flatMap((key) => {
      const earlier = first.get(key);
      if (earlier === undefined) {
        first.set(key, path);
        return [];
      }
      return [
        error(`${path}.mac`, `${key} has a section already: ${earlier}`, 'Keep one section for each device.'),
      ];
    }),
  );
}

/** Names from `dhcp.@host`: a section may hold several MACs. What cannot be read is left out; it is not our file. */
export function staticNames(hosts: readonly RawSection[]): { readonly mac: Mac; readonly name: string }[] {
  return hosts.flatMap(({ values }) => namesOf(values)).slice(0, maxStaticNames);
}

function namesOf({ name, mac }: Dictionary): { mac: Mac; name: string }[] {
  if (typeof name !== 'string' || !isDisplayName(name)) return [];
  const texts = (Array.isArray(mac) ? mac : [mac]).filter((item) => typeof item === 'string');
  const macs = texts.flatMap((text) => text.split(/\s+/)).flatMap((word) => parseMac(word) ?? []);
  return macs.map((one) => ({ mac: one, name }));
}
