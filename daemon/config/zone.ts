import type { Dictionary } from './raw.ts';

/** A zone of the firewall, as far as it tells which networks lead outwards. */
export interface Zone {
  /** Logical names of its networks. */
  readonly networks: readonly string[];
  /** Kernel interfaces that it names itself; `tun+` is each that begins with `tun`. */
  readonly devices: readonly string[];
  readonly masquerades: boolean;
  /** What comes from it to the router is refused unless a rule lets it in. */
  readonly isForeign: boolean;
}

/** A router has a handful. */
const maxZones = 64;
const yes = new Set(['1', 'on', 'true', 'yes', 'enabled']);

/** The zones among sections of UCI's `firewall` by their type and options; what is no zone is left out. */
export function zonesOf(sections: readonly { readonly type: string; readonly values: Dictionary }[]): Zone[] {
  return sections
    .filter(({ type, values }) => type === 'zone' && (values['enabled'] ?? '1') !== '0')
    .slice(0, maxZones)
    .map(({ values }) => ({
      networks: words(values['network']),
      devices: words(values['device']),
      masquerades: isYes(values['masq']) || isYes(values['masq6']),
      // Absent it comes from the defaults; a zone that nobody called foreign is the home's.
      isForeign: ['REJECT', 'DROP'].includes(String(values['input'] ?? '').toUpperCase()),
    }));
}

/** Whether a kernel interface with these logical names is in the zone. */
export function isInZone({ networks, devices }: Zone, device: string, names: readonly string[]): boolean {
  const fits = (pattern: string) =>
    pattern.endsWith('+') ? device.startsWith(pattern.slice(0, -1)) : pattern === device;
  return names.some((name) => networks.includes(name)) || devices.some(fits);
}

/**
 * Whether all of a zone leads outwards. What is hidden behind the router's address there (masquerading) and trusts
 * nobody is no home; nor is what shares a zone with a network that leads outwards, unless it may do as it likes: then
 * somebody put an uplink into the zone of the home, which stays guarded.
 */
export function leadsOut({ masquerades, isForeign }: Zone, hasUplink: boolean): boolean {
  return isForeign && (masquerades || hasUplink);
}

/** UCI's list, or its option with spaces. */
function words(value: unknown): string[] {
  const items = Array.isArray(value) ? value : [value];
  return items.flatMap((item) => (typeof item === 'string' ? item.split(/\s+/).filter(Boolean) : []));
}

function isYes(value: unknown): boolean {
  return typeof value === 'string' && yes.has(value);
}
