import { deviceClasses } from '../../daemon/config/config.ts';
import { type DegradedReason, degradedReasons } from '../../daemon/engine/degraded.ts';
import {
  type DeviceDocument,
  deviceStates,
  type EventDocument,
  type StatusDocument,
} from '../../daemon/engine/documents.ts';
import type { InfoDocument } from '../../daemon/mqtt/session.ts';
import { eventTypes } from '../../daemon/policy/incident.ts';
import type { Described, ObjectSchema, Same } from './schema-types.ts';

const text = (description: string) => ({ type: 'string', description }) as const;
const count = (description: string) => ({ type: 'integer', description }) as const;
const time = (description: string) => ({ type: 'string', format: 'date-time', description }) as const;
const key = (description: string) => ({ type: 'string', format: 'device-key', description }) as const;
const texts = (description: string) => ({ type: 'array', items: { type: 'string' }, description }) as const;

const version1 = { const: 1, description: 'Raised when a member changes its meaning.' } as const;
const node = text('The router: the option node, or its host name with the end of its LAN MAC.');
const remedies = (when: string) => texts(`What to do now, a sentence each, the likeliest first: ${when}.`);
const reasons = Object.keys(degradedReasons) as readonly DegradedReason[];

const event = {
  type: 'object',
  description: 'One step of an incident, or of the guard itself: on `event`, not retained.',
  properties: {
    schema: version1,
    id: text('Unique for ever: who must not act twice keeps the last ones.'),
    type: { enum: eventTypes, description: 'What happened.' },
    at: time('When, in UTC.'),
    node,
    incident: text('The incident that it belongs to.'),
    device: key('The device that it is about.'),
    devices: {
      type: 'array',
      items: { type: 'string', format: 'device-key' },
      maxItems: 64,
      description: 'Of a summary or a listing: whom it is about, those with trouble or here for long first.',
    },
    name: text('The name of the device, for people.'),
    vendor: text('Its maker, by its MAC.'),
    address: text('An address that it had.'),
    text: text('What happened and what was done, in one or two sentences for people; the log has the same.'),
    evidence: texts('What moved the score, newest last; 2 KB at most.'),
    remedies: remedies('with the first hold of an incident, and with `reachable`'),
  },
  required: ['schema', 'id', 'type', 'at', 'node', 'text'],
} as const satisfies ObjectSchema;

const device = {
  type: 'object',
  description: 'A device that mailed: retained on `device/<key>`.',
  properties: {
    schema: version1,
    device: key('The twelve hex digits of its MAC, or its address.'),
    mac: text('Its MAC, where it has one.'),
    addresses: texts('Its addresses now.'),
    name: text('Its name, for people.'),
    vendor: text('Its maker, by its MAC.'),
    randomised_mac: { type: 'boolean', description: 'Its MAC is made up, as phones do.' },
    network: text('The guarded network that it is in.'),
    behind: key('The device whose MAC it has to the router, such as a Wi-Fi extender.'),
    devices_behind: count('How many devices share its MAC.'),
    class: { enum: deviceClasses, description: 'What it is taken for.' },
    class_reason: text('Why.'),
    state: {
      enum: deviceStates,
      description: 'What it may do with mail now; in mode `observe`, what it would.',
    },
    until: time('When the state ends by itself.'),
    held_since: time('When its hold began.'),
    probation_until: time('Until when less evidence is enough to hold it: after a release, or with `watch`.'),
    score: {
      type: 'number',
      description: 'How much speaks for "sends spam": a log-likelihood ratio in nats, from 0.',
    },
    restrict_at: { type: 'number', description: 'The score that restricts it, in nats.' },
    block_at: { type: 'number', description: 'The score that blocks its mail, in nats.' },
    connections: count('Mail connections since it is known.'),
    connections_24h: count('Mail connections in 24 hours.'),
    connections_without_event: count('Connections that only the ledger of the kernel saw.'),
    messages_24h: count('Estimated messages in 24 hours.'),
    refused: count('Attempts refused.'),
    relays: texts('Mail servers it is known to use: group and port.'),
    allowed: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          relay: text('Address or prefix, and port.'),
          until: time('When that ends by itself; without, never.'),
        },
        required: ['relay'],
      },
      description: 'Mail servers that a person allowed it.',
    },
    incident: text('Its open incident.'),
    remedies: remedies('while an incident is open'),
    doors: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          kind: { enum: ['port forward', 'UPnP', 'firewall rule'], description: 'What made it.' },
          protocol: text('tcp, udp, "tcp, udp" or any.'),
          ports: text('Outside: a port, ports, a range, or all.'),
          address: text('Inside.'),
          port: text('Inside, where it is another one than outside.'),
          name: text('What its owner or, by UPnP, the device calls it.'),
        },
        required: ['kind', 'protocol', 'ports', 'address'],
      },
      description:
        'While an incident is open: ways from the internet to it, at most 8. Empty: none was found.',
    },
    doors_omitted: count('How many more doors there are.'),
    doors_unread: text('Why the rules of the firewall could not be read as a whole.'),
    first_seen: time('When it was seen first.'),
    last_mail: time('When it mailed last.'),
  },
  required: [
    ...(['schema', 'device', 'addresses', 'name', 'randomised_mac', 'class', 'class_reason'] as const),
    ...(['state', 'score', 'restrict_at', 'block_at', 'connections', 'connections_24h'] as const),
    ...(['connections_without_event', 'messages_24h', 'refused', 'relays', 'first_seen'] as const),
  ],
} as const satisfies ObjectSchema;

const status = {
  type: 'object',
  description: 'How the guard is: retained on `status`.',
  properties: {
    schema: version1,
    node,
    version: text('Of Postern.'),
    state: {
      enum: ['ok', 'degraded', 'starting'],
      description: 'Whether it is whole; `ok` also with reasons that are no trouble.',
    },
    mode: { enum: ['guard', 'observe'], description: 'Whether it acts, or only tells.' },
    paused_until: time('While a person paused it.'),
    since: time('When it started.'),
    degraded: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          code: { enum: reasons, description: 'Which reason.' },
          text: text('In words; the same sentence each time.'),
          detail: text('What is known of it beyond that.'),
          remedy: text('What to do.'),
          since: time('Since when.'),
        },
        required: ['code', 'text', 'remedy', 'since'],
      },
      description: 'What is not as it should be.',
    },
    devices: count('Devices seen.'),
    devices_mailing: count('Devices that send mail.'),
    devices_held: count('Devices held.'),
    incidents_open: count('Open incidents.'),
    connections_24h: count('Mail connections of the home in 24 hours.'),
    refused: count('Attempts refused.'),
    connections_without_event: count('Connections whose destination is unknown.'),
    last_incident: text('The newest incident.'),
    blocklists: {
      type: 'object',
      description: 'What DNS blocklists say of the home, where the owner named some.',
      properties: {
        shared_address: {
          type: 'boolean',
          description: "The IPv4 address that the internet sees is not the home's own.",
        },
        checked: time('When the lists were asked.'),
        listings: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              list: text('The zone of the list.'),
              address: text('The address looked up.'),
              state: { enum: ['clear', 'listed', 'normal', 'unknown'], description: 'What came of it.' },
              reason: text('What the list says, or why it cannot be asked.'),
              link: text('Where to ask for removal.'),
              since: time('Since when it is so.'),
            },
            required: ['list', 'address', 'state', 'since'],
          },
          description: 'One for each list and address.',
        },
      },
      required: ['shared_address', 'listings'],
    },
  },
  required: [
    ...(['schema', 'node', 'version', 'state', 'mode', 'since', 'degraded', 'devices'] as const),
    ...(['devices_mailing', 'devices_held', 'incidents_open', 'connections_24h', 'refused'] as const),
    'connections_without_event',
  ],
} as const satisfies ObjectSchema;

const info = {
  type: 'object',
  description: 'What does not change while the daemon runs: retained on `info`.',
  properties: { schema: version1, node, version: text('Of Postern.'), started: time('When it started.') },
  required: ['schema', 'node', 'version', 'started'],
} as const satisfies ObjectSchema;

/** The documents of MQTT; that each is the type of the code, with every member, is checked by the compiler. */
export const documentSchemas = { event, device, status, info } as const;

/** A schema for each document whose type it has; anything else does not compile. */
export const agreed: readonly [
  Same<Described<typeof event>, EventDocument>,
  Same<Described<typeof device>, DeviceDocument>,
  Same<Described<typeof status>, StatusDocument>,
  Same<Described<typeof info>, InfoDocument>,
] = [true, true, true, true];

/** The files of docs/schema by name. */
export function schemaFiles(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(documentSchemas).map(([name, schema]) => [
      `${name}.json`,
      `${JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', title: `Postern: ${name}`, ...schema }, undefined, 2)}\n`,
    ]),
  );
}
