import type { MqttConfig } from '../config/config.ts';
import { type DeviceDocument, deviceStates } from '../engine/documents.ts';
import { eventTypes } from '../policy/incident.ts';
import { verbsAllowed } from './requests.ts';
import { topicsOf } from './topics.ts';

/**
 * What Home Assistant is told, as its "device discovery" wants it (integrations/mqtt, from 2024.11 on): one retained document
 * a device, with the device, where it comes from, and its components by their ids.
 */
export interface Discovery {
  readonly device: {
    readonly identifiers: readonly string[];
    /** Kind and value: whoever names the same MAC means the same device. */
    readonly connections?: readonly (readonly ['mac', string])[];
    readonly name?: string;
    readonly manufacturer?: string;
    readonly model?: string;
    readonly sw_version?: string;
  };
  readonly origin: { readonly name: string; readonly sw_version: string };
  readonly availability_topic: string;
  readonly state_topic: string;
  readonly components: Readonly<Record<string, Component | Absent>>;
}

/** Takes an entity away: one that is left out of a document stays in Home Assistant. */
export type Absent = Pick<Component, 'platform'>;

/** One entity. Its state is read from the shared topic unless it names another. */
export interface Component {
  readonly platform: 'binary_sensor' | 'sensor' | 'event' | 'button';
  readonly unique_id: string;
  readonly default_entity_id: string;
  /** Null for the main one, which is called as the device is. */
  readonly name: string | null;
  readonly [option: string]: unknown;
}

/** The version that the daemon and its documents have. */
interface Described {
  readonly version: string;
}

/** Ids may hold these letters alone (integrations/mqtt, discovery topic). */
const idOf = (text: string) => text.replace(/[^A-Za-z0-9_-]/g, '_');

/** Where Home Assistant looks for the router and for each device. */
export function discoveryTopics(prefix: string, node: string) {
  const topic = (id: string) => `${prefix}/device/${id}/config`;
  const router = `postern_${idOf(node)}`;
  return { router: topic(router), device: (key: string) => topic(`${router}_${idOf(key)}`) };
}

/** Undefined for an entity that there is with other settings. */
type Options = Readonly<Record<string, unknown>> | undefined;

/** Makes components with ids that stay for ever: they are made of the node, the key and a word of ours. */
function componentsOf(id: string, list: Readonly<Record<string, readonly [Component['platform'], Options]>>) {
  const entries = Object.entries(list).map(([word, [platform, options]]): [string, Component | Absent] => {
    if (!options) return [word, { platform }];
    const unique = `${id}_${word}`;
    const component: Component = {
      platform,
      unique_id: unique,
      default_entity_id: `${platform}.${unique.toLowerCase().replace(/[^a-z0-9_]/g, '_')}`,
      name: null,
      ...options,
    };
    return [word, component];
  });
  return Object.fromEntries(entries);
}

const value = (expression: string) => ({ value_template: `{{ ${expression} }}` });
/** A binary sensor's two states. */
const isTrue = (expression: string) => value(`'ON' if ${expression} else 'OFF'`);
const diagnostic = { entity_category: 'diagnostic' } as const;

/** The router itself. */
export function routerDiscovery(node: string, { version }: Described, config: MqttConfig): Discovery {
  const topics = topicsOf(config.base, node);
  const id = `postern_${idOf(node)}`;
  const mayTest = verbsAllowed[config.commands].includes('test');
  return {
    device: {
      identifiers: [id],
      name: `Postern ${node}`,
      manufacturer: 'Postern',
      model: 'Mail guard',
      sw_version: version,
    },
    origin: { name: 'Postern', sw_version: version },
    availability_topic: topics.availability,
    state_topic: topics.status,
    components: componentsOf(id, {
      incident: [
        'binary_sensor',
        { name: 'Incident', device_class: 'safety', ...isTrue('value_json.incidents_open > 0') },
      ],
      problem: [
        'binary_sensor',
        {
          ...{ name: 'Problem', device_class: 'problem', ...isTrue("value_json.state == 'degraded'") },
          json_attributes_topic: topics.status,
          json_attributes_template: "{{ {'reasons': value_json.degraded} | tojson }}",
          ...diagnostic,
        },
      ],
      mode: [
        'sensor',
        {
          ...{ name: 'Mode', device_class: 'enum', options: ['guard', 'observe', 'paused'] },
          ...value("'paused' if value_json.paused_until is defined else value_json.mode"),
        },
      ],
      held: [
        'sensor',
        { name: 'Held devices', state_class: 'measurement', ...value('value_json.devices_held') },
      ],
      refused: [
        'sensor',
        { name: 'Refused attempts', state_class: 'total_increasing', ...value('value_json.refused') },
      ],
      last_incident: [
        'sensor',
        { name: 'Last incident', ...value("value_json.last_incident | default('none')") },
      ],
      version: ['sensor', { name: 'Version', ...value('value_json.version'), ...diagnostic }],
      event: [
        'event',
        {
          ...{ name: 'Events', state_topic: topics.event, event_types: eventTypes },
          ...value('dict(value_json, event_type=value_json.type) | tojson'),
        },
      ],
      test: [
        'button',
        mayTest
          ? { name: 'Test alert', command_topic: topics.request('test'), payload_press: '{}', ...diagnostic }
          : undefined,
      ],
    }),
  };
}

/** One device that mails. It has a page of its own, as Home Assistant's other integrations keep theirs. */
export function deviceDiscovery(
  node: string,
  key: string,
  document: Pick<DeviceDocument, 'name' | 'vendor' | 'mac'>,
  { version }: Described,
  config: MqttConfig,
): Discovery {
  const topics = topicsOf(config.base, node);
  const id = `postern_${idOf(node)}_${idOf(key)}`;
  const allowed = verbsAllowed[config.commands];
  const press = (verb: 'block' | 'release', name: string, lasting: string) =>
    [
      'button',
      allowed.includes(verb)
        ? {
            ...{ name, command_topic: topics.request(verb) },
            payload_press: JSON.stringify({ device: key, for: lasting }),
          }
        : undefined,
    ] as const;
  return {
    device: {
      identifiers: [id],
      // Without a name or a maker, so that ours never take the place of theirs.
      ...(config.mergeDevices && document.mac !== undefined
        ? { connections: [['mac', document.mac]] as const }
        : { name: document.name, ...(document.vendor !== undefined && { manufacturer: document.vendor }) }),
    },
    origin: { name: 'Postern', sw_version: version },
    availability_topic: topics.availability,
    state_topic: topics.device(key),
    components: componentsOf(id, {
      spam: [
        'binary_sensor',
        {
          ...{ name: 'Sending spam', device_class: 'safety', ...isTrue('value_json.incident is defined') },
          json_attributes_topic: topics.device(key),
        },
      ],
      mail: [
        'sensor',
        { name: 'Mail', device_class: 'enum', options: deviceStates, ...value('value_json.state') },
      ],
      block: press('block', 'Block mail for 1 hour', '1h'),
      release: press('release', 'Release for 10 minutes', '10m'),
    }),
  };
}
