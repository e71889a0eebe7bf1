import type { Problem } from './problem.ts';
import type { Zone } from './zone.ts';

/** One section as it was written, unchecked. */
export interface RawSection {
  /** How problems name it: `postern.main`, `postern.@device[2]`, `devices[2]`. */
  readonly path: string;
  /** UCI's name of the section, where it has one. */
  readonly name?: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Names that stand beside these options and are read elsewhere. */
  readonly beside?: readonly string[];
}

/** Both input shapes, brought to one: sections still unchecked, and what else came with them. */
export interface RawConfig {
  readonly main: RawSection;
  readonly mqtt: RawSection;
  readonly networks: readonly RawSection[];
  readonly devices: readonly RawSection[];
  /** hostname, lan_mac, run_dir, lease_files. */
  readonly system: RawSection;
  /** UCI `dhcp.@host` sections, or `static_names` of plain JSON. */
  readonly hosts: readonly RawSection[];
  /** The answer of `ubus call network.interface dump`, if it was given. */
  readonly dump: unknown;
  /** Zones of the firewall, where they came with it. */
  readonly zones: readonly Zone[];
  /** UCI's own word on where lease files lie. */
  readonly leaseFiles: readonly string[];
  /** What was wrong with the shape itself. */
  readonly problems: readonly Problem[];
}

export type Dictionary = Readonly<Record<string, unknown>>;

/** Whether it is a JSON object (no list, not null). */
export function isDictionary(value: unknown): value is Dictionary {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
