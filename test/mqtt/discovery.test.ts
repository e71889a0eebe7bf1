import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MqttConfig } from '../../daemon/config/config.ts';
import { deviceStates } from '../../daemon/engine/documents.ts';
import {
  type Discovery,
  deviceDiscovery,
  discoveryTopics,
  routerDiscovery,
} from '../../daemon/mqtt/discovery.ts';
import { topicsOf } from '../../daemon/mqtt/topics.ts';
import { eventTypes } from '../../daemon/policy/incident.ts';
import { deviceDocument, info, mqttConfig } from './documents.ts';
import { breachesOf, entitiesAfter, hiddenAttributes, isThere } from './home-assistant.ts';

const config = (commands: MqttConfig['commands']) => ({
  ...mqttConfig,
  discovery: 'homeassistant',
  commands,
});
/** One component, which must be there. */
const partOf = (document: Discovery, id: string) => {
  const component = document.components[id];
  if (!component || !isThere(component)) throw new Error(`no component ${id}`);
  return component;
};
const levels = ['off', 'safe', 'all'] as const;

describe('what Home Assistant is told', () => {
  test('keeps its rules, whatever node, key, name and vendor are', () => {
    const node = fc.stringMatching(/^[A-Za-z0-9_.-]{1,39}$/);
    const key = fc.oneof(fc.constant('ec71db001122'), fc.constant('2001:db8::7'), fc.constant('router'));
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(node, key, text, text, fc.constantFrom(...levels), (of, device, name, vendor, commands) => {
        const topics = discoveryTopics('homeassistant', of);
        const router = routerDiscovery(of, info, config(commands));
        expect(breachesOf(topics.router, JSON.stringify(router))).toEqual([]);
        const described = deviceDiscovery(of, device, { name, vendor }, info, config(commands));
        // A device may be called as our entities are; then its name is repeated, which is its owner's wish.
        const breaches = breachesOf(topics.device(device), JSON.stringify(described));
        expect(breaches.filter((breach) => !breach.includes('repeats'))).toEqual([]);
      }),
    );
  });

  test('the oracle finds what is wrong', () => {
    const topics = discoveryTopics('homeassistant', 'home');
    const router = routerDiscovery('home', info, config('all'));
    const change = (component: string, options: object) =>
      breachesOf(
        topics.router,
        JSON.stringify({
          ...router,
          components: { ...router.components, [component]: { ...router.components[component], ...options } },
        }),
      );
    expect(change('mode', { unit_of_measurement: 'x' })).not.toEqual([]);
    expect(change('mode', { options: undefined })).not.toEqual([]);
    expect(change('held', { device_class: 'enum' })).not.toEqual([]);
    expect(change('event', { event_types: [] })).not.toEqual([]);
    expect(change('test', { command_topic: 'a/#' })).not.toEqual([]);
    expect(change('incident', { object_id: 'x' })).not.toEqual([]);
    expect(change('incident', { unique_id: partOf(router, 'mode').unique_id })).not.toEqual([]);
    expect(change('problem', { name: `${router.device.name} problem` })).not.toEqual([]);
    expect(change('version', { entity_category: 'config' })).not.toEqual([]);
  });

  test('has the ids that it has for ever', () => {
    expect(discoveryTopics('homeassistant', 'openwrt-1a2b3c')).toMatchObject({
      router: 'homeassistant/device/postern_openwrt-1a2b3c/config',
    });
    const { components } = routerDiscovery('openwrt-1a2b3c', info, config('safe'));
    expect(Object.keys(components)).toEqual([
      ...['incident', 'problem', 'mode', 'held', 'refused', 'last_incident', 'version', 'event', 'test'],
    ]);
    expect(components['incident']).toMatchObject({
      unique_id: 'postern_openwrt-1a2b3c_incident',
      default_entity_id: 'binary_sensor.postern_openwrt_1a2b3c_incident',
    });
  });

  test('knows every state and every event that there is', () => {
    const router = routerDiscovery('home', info, config('off'));
    expect(partOf(router, 'event')['event_types']).toEqual(eventTypes);
    const device = deviceDiscovery('home', 'ec71db001122', { name: 'camera' }, info, config('off'));
    expect(partOf(device, 'mail')['options']).toEqual(deviceStates);
  });

  test('stands on the page of another integration only where it is asked for, and takes no name from it', () => {
    const document = { name: 'camera', vendor: 'Reolink', mac: 'ec:71:db:00:11:22' };
    const { mac: _, ...withoutMac } = document;
    const of = (mergeDevices: boolean, about: Parameters<typeof deviceDiscovery>[2]) =>
      deviceDiscovery('home', 'ec71db001122', about, info, { ...config('off'), mergeDevices });
    expect(of(false, document).device).toEqual({
      identifiers: ['postern_home_ec71db001122'],
      name: 'camera',
      manufacturer: 'Reolink',
    });
    const merged = of(true, document);
    expect(merged.device).toEqual({
      identifiers: ['postern_home_ec71db001122'],
      connections: [['mac', 'ec:71:db:00:11:22']],
    });
    const topic = discoveryTopics('homeassistant', 'home').device('ec71db001122');
    expect(breachesOf(topic, JSON.stringify(merged))).toEqual([]);
    // What has no MAC has no other page.
    expect(of(true, withoutMac).device).toMatchObject({ name: 'camera' });
  });

  test('takes away what another setting of commands had, however it was changed', () => {
    const kinds = [
      (commands: MqttConfig['commands']) => routerDiscovery('home', info, config(commands)),
      (commands: MqttConfig['commands']) =>
        deviceDiscovery('home', 'ec71db001122', deviceDocument(), info, config(commands)),
    ];
    for (const kind of kinds)
      for (const [from, to] of levels.flatMap((a) => levels.map((b) => [kind(a), kind(b)] as const)))
        expect(entitiesAfter(from, to)).toEqual(
          Object.entries(to.components).flatMap(([id, component]) => (isThere(component) ? [id] : [])),
        );
  });

  test('has an entity for what may not stand among the attributes of another', () => {
    expect(hiddenAttributes(deviceDocument())).toEqual(['state']);
    const device = deviceDiscovery('home', 'ec71db001122', deviceDocument(), info, config('off'));
    expect(partOf(device, 'mail')['value_template']).toBe('{{ value_json.state }}');
  });

  test('has buttons for what may be asked, and for nothing else', () => {
    const buttons = (commands: MqttConfig['commands']) => {
      const router = routerDiscovery('home', info, config(commands));
      const device = deviceDiscovery('home', 'ec71db001122', { name: 'camera' }, info, config(commands));
      const all = { ...router.components, ...device.components };
      return Object.keys(all).filter((id) => all[id]?.platform === 'button' && isThere(all[id]));
    };
    expect(levels.map(buttons)).toEqual([[], ['test', 'block'], ['test', 'block', 'release']]);
    const { components } = deviceDiscovery('home', 'ec71db001122', { name: 'camera' }, info, config('all'));
    expect(components['release']).toMatchObject({
      command_topic: topicsOf('postern', 'home').request('release'),
      payload_press: '{"device":"ec71db001122","for":"10m"}',
    });
  });
});
