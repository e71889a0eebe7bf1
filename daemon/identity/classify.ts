import type { DeviceClass } from '../config/config.ts';
import { type ClassHint, hostnameHints, vendorHints } from './class-hints.ts';

/** What the class of a device is taken from. `hostname` is clean. */
export interface ClassSources {
  /** The owner's word about this device. */
  readonly user?: DeviceClass | undefined;
  /** The owner's word about its network. */
  readonly network?: DeviceClass | undefined;
  readonly vendor?: string | undefined;
  readonly hostname?: string | undefined;
}

/** A class, who says so, and why in words: "camera: vendor Reolink Innovation". */
export interface Classified {
  readonly class: DeviceClass;
  readonly source: 'user' | 'network' | 'guess' | 'none';
  readonly reason: string;
  /** What to call it: "camera", else "device". Always one of our own words. */
  readonly noun: string;
}

/**
 * The class from its strongest source. A guess may tighten relative to unknown, never loosen: so `computer` and
 * `mailserver` come from people only, and a device that lies about its name only makes its own life harder.
 */
export function classify({ user, network, vendor, hostname }: ClassSources): Classified {
  const hint = hintIn(vendor, vendorHints);
  const guess = hint ?? hintIn(hostname, hostnameHints);
  const noun = guess?.noun ?? 'device';
  if (user) return { class: user, source: 'user', reason: 'set for this device', noun };
  if (network) return { class: network, source: 'network', reason: 'set for its network', noun };
  if (!guess) return { class: 'unknown', source: 'none', reason: 'nothing tells what it is', noun };
  const from = hint ? `vendor ${vendor}` : `name ${hostname}`;
  return { class: guess.class, source: 'guess', reason: `${guess.noun}: ${from}`, noun };
}

/** The first hint whose word stands in the name as a word of its own: "cam" is in "garden-cam2", not in "camille". */
function hintIn(name: string | undefined, hints: readonly ClassHint[]): ClassHint | undefined {
  if (name === undefined) return undefined;
  // Digits end a word here: "esp32", "cam2".
  const words = ` ${name.toLowerCase().replace(/[^a-zà-öø-\u017f]+/g, ' ')} `;
  return hints.find(({ word }) => words.includes(` ${word.replaceAll('-', ' ')} `));
}
