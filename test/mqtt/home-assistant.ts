import type { Absent, Component, Discovery } from '../../daemon/mqtt/discovery.ts';

/**
 * What Home Assistant documents and checks of a device discovery document (integrations/mqtt and the page of each platform;
 * the schemas of its mqtt integration): each breach as a sentence. Written from those rules, not from our documents.
 */
export function breachesOf(topic: string, payload: string): string[] {
  const found: string[] = [];
  const must = (holds: boolean, what: string) => {
    if (!holds) found.push(what);
  };
  must(/^[A-Za-z0-9_/-]+\/device\/[A-Za-z0-9_-]+\/config$/.test(topic), `topic ${topic}`);
  const document = JSON.parse(payload) as Discovery & Record<string, unknown>;
  for (const key of Object.keys(document)) must(shared.has(key), `unknown shared option ${key}`);
  const { device, origin, components } = document;
  must(device.identifiers.length > 0, 'a device needs an identifier');
  for (const key of Object.keys(device)) must(deviceOptions.has(key), `unknown device option ${key}`);
  for (const one of device.connections ?? [])
    must(
      one.length === 2 && /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(one[1]),
      'a connection is a kind and a MAC',
    );
  for (const text of Object.values(device).flat(2))
    must(typeof text === 'string' && text !== '', 'device: no text');
  must(typeof origin.name === 'string' && origin.name !== '', 'an origin needs a name');
  must(isTopic(document.availability_topic), 'availability_topic');
  must(isTopic(document.state_topic), 'state_topic');
  const there = Object.entries(components).filter((entry): entry is [string, Component] => isThere(entry[1]));
  const ids = there.map(([, { unique_id }]) => unique_id);
  must(new Set(ids).size === ids.length, 'unique ids are not unique');
  must(there.filter(([, { name }]) => name === null).length <= 1, 'two main entities');
  for (const [id, component] of there)
    found.push(...componentBreaches(id, component, device.name ?? '(none)'));
  return found;
}

/** A component that has a platform and nothing else is one to take away. */
export const isThere = (component: Component | Absent): component is Component =>
  Object.keys(component).some((key) => key !== 'platform');

/** What stays of the entities of an earlier document once Home Assistant has the later one: it takes away only what it is told to. */
export function entitiesAfter(earlier: Discovery, later: Discovery): string[] {
  return Object.keys({ ...earlier.components, ...later.components }).filter((id) => {
    const component = later.components[id] ?? earlier.components[id];
    return component !== undefined && isThere(component);
  });
}

/** Members of a document of attributes that Home Assistant leaves out: they would hide its own. */
export const hiddenAttributes = (document: object): string[] =>
  Object.keys(document).filter((key) => blockedAttributes.has(key));
const blockedAttributes = new Set([
  ...[
    'assumed_state',
    'available',
    'device_class',
    'device_info',
    'entity_category',
    'entity_id',
    'entity_picture',
  ],
  ...['entity_registry_enabled_default', 'extra_state_attributes', 'force_update', 'icon', 'friendly_name'],
  ...['should_poll', 'state', 'supported_features', 'unique_id', 'unit_of_measurement'],
]);

const shared = new Set([
  'device',
  'origin',
  'components',
  'availability_topic',
  'state_topic',
  'qos',
  'encoding',
]);
const deviceOptions = new Set([
  ...['identifiers', 'connections', 'name', 'manufacturer', 'model', 'model_id', 'sw_version', 'hw_version'],
  ...['serial_number', 'suggested_area', 'via_device', 'configuration_url'],
]);
/** Options that every entity may have. */
const common = [
  ...['platform', 'unique_id', 'default_entity_id', 'name', 'icon', 'entity_category', 'enabled_by_default'],
  ...['json_attributes_topic', 'json_attributes_template', 'availability_topic', 'qos', 'encoding'],
];
const own: Readonly<Record<Component['platform'], readonly string[]>> = {
  binary_sensor: [
    'state_topic',
    'device_class',
    'value_template',
    'payload_on',
    'payload_off',
    'expire_after',
  ],
  sensor: [
    ...['state_topic', 'device_class', 'value_template', 'options', 'state_class', 'unit_of_measurement'],
    ...['expire_after', 'suggested_display_precision'],
  ],
  event: ['state_topic', 'device_class', 'value_template', 'event_types'],
  button: ['command_topic', 'device_class', 'payload_press', 'command_template', 'retain'],
};
/** Device classes of a binary sensor that we could mean; there are more. */
const binaryClasses = new Set(['safety', 'problem', 'connectivity', 'running', 'tamper']);
const stateClasses = new Set(['measurement', 'total', 'total_increasing']);

function componentBreaches(id: string, component: Component, deviceName: string): string[] {
  const found: string[] = [];
  const must = (holds: boolean, what: string) => {
    if (!holds) found.push(`${id}: ${what}`);
  };
  const { platform, name, device_class: deviceClass } = component;
  const category = component['entity_category'];
  must(/^[A-Za-z0-9_-]+$/.test(id), 'component id');
  for (const key of Object.keys(component))
    must([...common, ...own[platform]].includes(key), `${platform} has no option ${key}`);
  must(/^[A-Za-z0-9_-]+$/.test(component.unique_id), 'unique_id');
  must(component.default_entity_id.startsWith(`${platform}.`), 'default_entity_id of another platform');
  must(/^[a-z_]+\.[a-z0-9_]+$/.test(component.default_entity_id), 'default_entity_id');
  must(name === null || (name !== '' && !name.startsWith(deviceName)), 'the name repeats the device’s');
  must([undefined, 'diagnostic', 'config'].includes(category as undefined), 'entity_category');
  must(category !== 'config' || platform === 'button', 'a state is no setting');
  const template = component['value_template'];
  if (template !== undefined) must(isTemplate(template), 'value_template');
  const attributes = component['json_attributes_template'];
  if (attributes !== undefined)
    must(isTemplate(attributes) && isTopic(component['json_attributes_topic']), 'attributes');
  switch (platform) {
    case 'binary_sensor':
      must(binaryClasses.has(String(deviceClass)), 'device_class');
      break;
    case 'sensor': {
      const isEnum = deviceClass === 'enum';
      const options = component['options'];
      must(isEnum === (options !== undefined), 'options go with the class enum, and with no other');
      must(!isEnum || (Array.isArray(options) && options.length > 0), 'options are empty');
      const stateClass = component['state_class'];
      must(stateClass === undefined || (!isEnum && stateClasses.has(String(stateClass))), 'state_class');
      must(!(isEnum && component['unit_of_measurement'] !== undefined), 'an enum has no unit');
      break;
    }
    case 'event':
      must(Array.isArray(component['event_types']) && component['event_types'].length > 0, 'event_types');
      must(String(template).includes('event_type'), 'an event says its event_type');
      break;
    case 'button':
      must(isTopic(component['command_topic']), 'command_topic');
      must(component['retain'] !== true, 'a command that is retained is repeated');
      break;
  }
  return found;
}

function isTopic(topic: unknown): boolean {
  return typeof topic === 'string' && topic !== '' && !/[+#\0]/.test(topic) && topic.length <= 65_535;
}

/** Jinja: brackets that open are closed, quotes too. What it gives is for those who run Jinja. */
function isTemplate(template: unknown): boolean {
  if (typeof template !== 'string') return false;
  const count = (what: string) => template.split(what).length - 1;
  return count('{{') === count('}}') && count('{{') > 0 && count('(') === count(')') && count("'") % 2 === 0;
}
