import type { DeviceState } from '../../daemon/engine/documents.ts';
import type { discoveryTopics } from '../../daemon/mqtt/discovery.ts';
import type { verbsAllowed } from '../../daemon/mqtt/requests.ts';
import type { Topics } from '../../daemon/mqtt/topics.ts';
import type { EventType } from '../../daemon/policy/incident.ts';

/** The topics of one router, without what only reads or joins their names. */
export type TopicName = Exclude<keyof Topics, 'isOurs' | 'devices' | 'keyOf'>;
/** Home Assistant's topics: those that we write to, and where it says that it is there. */
export type DiscoveryName = keyof ReturnType<typeof discoveryTopics> | 'birth';

/** What is said on each topic. */
export const topicWords: Readonly<Record<TopicName, string>> = {
  availability: '`online`, or `offline` (also as the will)',
  info: 'version and start',
  status: 'how the guard is',
  device: 'one device that mailed; empty when it is forgotten',
  event: 'one step of an incident, or of the guard itself',
  request: 'what you ask Postern for, where `mqtt.commands` allows it',
  response: 'the answer',
};

/** What is said on each topic of Home Assistant's. */
export const discoveryWords: Readonly<Record<DiscoveryName, string>> = {
  router: 'the router and its entities',
  device: 'one device that mailed; empty when it is forgotten',
  birth: '`online` when Home Assistant starts: everything is said again, 1 to 5 s later',
};

/** What a setting of `mqtt.commands` is for, or needs. */
export const commandWords: Readonly<Record<keyof typeof verbsAllowed, string>> = {
  off: 'the default',
  safe: 'what strengthens the guard',
  all: 'needs a password, and a checked TLS connection or a broker on the router',
};

/** What a device in each state may do. */
export const stateWords: Readonly<Record<DeviceState, string>> = {
  normal: 'mails as it likes',
  watched: 'has half the score that restricts, or an open incident',
  slowed: 'may send a few messages an hour',
  restricted: 'may use its known relays only',
  blocked: 'may not mail',
  quarantined: 'sends nothing out of the home',
  allowed: 'was released by a person',
};

const held = 'the device is held so; in mode `observe`: it would have been, and `text` says so';
const reasonChanged = 'a reason of the list [below](#status) began, or ended; not those that make no event';

/** When each event is told. Neighbours with the same words share a row. */
export const eventWords: Readonly<Record<EventType, string>> = {
  opened: 'an incident begins',
  told: 'something is unusual, and nothing was done',
  first_mail: 'a device of class `iot` sent its first mail ever; no incident',
  slowed: held,
  restricted: held,
  blocked: held,
  quarantined: held,
  still_trying: 'the device goes on; told again when the attempts have grown tenfold',
  quiet: 'it has not tried for 10 minutes',
  released: 'a person released it, or an outage of the line explains what it was held for',
  allowed: 'a person allowed it a relay',
  disallowed: 'a person took that back',
  expired: 'the ban ended',
  closed: 'the incident is over',
  verified: 'a look at the live connections found that nothing moves any more',
  reachable:
    "ways from the internet lead to the device, as the firewall's rules had them when it was held: port forwards, UPnP mappings, rules for its IPv6 address; told once an incident. The device's document has them as `doors`",
  leaking: 'something still moves; Postern keeps trying',
  guard_paused: 'a person paused the guard',
  guard_resumed: 'it is on again',
  new_network: 'the configuration names a network that was not guarded before',
  degraded: reasonChanged,
  recovered: reasonChanged,
  summary: 'many devices at once: what was not told one by one, see below',
  listed:
    "the home's own address is on a DNS blocklist: which, why, where to ask for removal, and who mailed in the last 7 days (`devices`)",
  delisted: 'it is on that list no more',
  watching: 'a person repaired the device and asked for a close look; `text` says until when',
  clean: 'that time is over, and it tried nothing suspicious',
  tried_again: 'it did, before the time was over',
  report: 'once a week: what was seen, where the option `report` is not off',
  test: '`postern test`',
};
