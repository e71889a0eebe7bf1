import type { Verb } from '../control/request.ts';
import { verbs } from '../control/request.ts';

/** The names of everything one router says and hears: `<base>/<node>/...`; the base may have several levels. */
export interface Topics {
  readonly availability: string;
  readonly info: string;
  readonly status: string;
  readonly event: string;
  readonly device: (key: string) => string;
  /** Whether it begins as all topics of this router do. */
  readonly isOurs: (topic: string) => boolean;
  /** The filter of all devices' topics. */
  readonly devices: string;
  /** The key of the device whose topic it is. */
  readonly keyOf: (topic: string) => string | undefined;
  readonly request: (verb: Verb) => string;
  readonly response: (verb: Verb) => string;
}

/** What availability says, retained; `offline` is the will too. */
export const online = 'online';
export const offline = 'offline';

/**
 * Letters that no level of a topic may carry: the separator, wildcards and control characters, also where a
 * configuration slipped through its check. Device keys may be addresses: colons stay, dots do not, since NATS up to 2.9
 * ends the connection of whoever publishes to a topic that has one.
 */
const unfit = /[^A-Za-z0-9_:-]/g;
const level = (text: string) => text.replace(unfit, '_');

/** The topics of one router. Characters that would split or widen a topic become `_`. */
export function topicsOf(base: string, node: string): Topics {
  const root = `${base.split('/').map(level).join('/')}/${level(node)}`;
  return {
    availability: `${root}/availability`,
    info: `${root}/info`,
    status: `${root}/status`,
    event: `${root}/event`,
    device: (key) => `${root}/device/${level(key)}`,
    isOurs: (topic) => topic.startsWith(`${root}/`),
    devices: `${root}/device/+`,
    keyOf: (topic) =>
      topic.startsWith(`${root}/device/`) ? topic.slice(`${root}/device/`.length) : undefined,
    request: (verb) => `${root}/request/${verb}`,
    response: (verb) => `${root}/response/${verb}`,
  };
}

/** The verb that a topic asks for, by exact match; undefined for every other topic. */
export function requestedVerb(topics: Topics, topic: string): Verb | undefined {
  return verbs.find((verb) => topics.request(verb) === topic);
}

/**
 * The client id, `postern-<node>` in at most 23 of `[A-Za-z0-9_-]`: longer ones and others may be refused (MQTT
 * 3.1.1, 3.1.3.1), and `/ + #` are denied by Home Assistant's Mosquitto add-on while it answers "accepted". A long
 * node name loses its left part, since its end holds the digits that make it unique.
 */
export function clientIdOf(node: string): string {
  const prefix = 'postern-';
  return prefix + node.replace(/[^A-Za-z0-9_-]/g, '-').slice(-(23 - prefix.length));
}
