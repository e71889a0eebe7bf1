import type { Verb } from './request.ts';

/** What one argument must be; `?` marks one that may be left out. */
export type ArgumentType = 'string' | 'string?' | 'number?' | 'boolean?';

/** Every argument that a verb knows. A request with others is refused: a misspelt `for` must not mean "for ever". */
export const verbArguments = {
  status: {},
  devices: { after: 'string?', limit: 'number?' },
  device: { device: 'string', why: 'boolean?' },
  incidents: { after: 'string?', limit: 'number?' },
  incident: { incident: 'string?', device: 'string?' },
  evidence: { device: 'string?', incident: 'string?', names: 'boolean?', after: 'string?', limit: 'number?' },
  history: { device: 'string?' },
  blocklists: { now: 'boolean?' },
  report: {},
  who: { address: 'string?', at: 'string?', port: 'number?', to: 'string?', notice: 'string?' },
  slow: { device: 'string', for: 'string?' },
  restrict: { device: 'string', for: 'string?' },
  block: { device: 'string', for: 'string?' },
  quarantine: { device: 'string', for: 'string?' },
  release: { device: 'string', for: 'string?' },
  allow: { device: 'string', relay: 'string', for: 'string?' },
  disallow: { device: 'string', relay: 'string' },
  watch: { device: 'string', for: 'string?' },
  pause: { for: 'string?' },
  resume: {},
  acknowledge: { incident: 'string' },
  pin: { device: 'string', on: 'boolean?' },
  forget: { device: 'string' },
  test: { hooks: 'boolean?' },
  doctor: {},
  'mqtt-clean': {},
  follow: { after: 'string?' },
} as const satisfies Record<Verb, Readonly<Record<string, ArgumentType>>>;

/** What is wrong with a verb's arguments, for people; undefined if nothing is. Values are checked by whoever uses them. */
export function argumentFault(verb: Verb, args: Readonly<Record<string, unknown>>): string | undefined {
  const known: Readonly<Record<string, ArgumentType>> = verbArguments[verb];
  for (const [name, value] of Object.entries(args)) {
    const type = Object.hasOwn(known, name) ? known[name] : undefined;
    if (type === undefined) return `"${verb}" has no argument "${name}"`;
    if (typeof value !== type.replace('?', '')) return `"${name}" must be a ${type.replace('?', '')}`;
  }
  for (const [name, type] of Object.entries(known)) {
    if (!type.endsWith('?') && args[name] === undefined) return `"${verb}" needs the argument "${name}"`;
  }
  return undefined;
}
