import type { DeviceKey } from '../../daemon/address/device-key.ts';
import type { MqttConfig } from '../../daemon/config/config.ts';
import type { DeviceDocument, EventDocument, StatusDocument } from '../../daemon/engine/documents.ts';

export const mqttConfig: MqttConfig = {
  enabled: true,
  url: 'mqtt://127.0.0.1:1883',
  insecure: false,
  base: 'postern',
  discovery: '',
  mergeDevices: false,
  commands: 'off',
};

export const info = { schema: 1, node: 'home', version: '0.0.0', started: '2026-11-21T14:00:00Z' } as const;

export function statusDocument(overrides: Partial<StatusDocument> = {}): StatusDocument {
  return {
    schema: 1,
    node: 'home',
    version: '0.0.0',
    state: 'ok',
    mode: 'guard',
    since: '2026-11-21T14:00:00Z',
    degraded: [],
    devices: 5,
    devices_mailing: 2,
    devices_held: 1,
    incidents_open: 1,
    connections_24h: 71,
    refused: 12,
    connections_without_event: 0,
    ...overrides,
  };
}

export function deviceDocument(overrides: Partial<DeviceDocument> = {}): DeviceDocument {
  return {
    schema: 1,
    device: 'ec71db001122' as DeviceKey,
    mac: 'ec:71:db:00:11:22',
    addresses: ['192.168.1.20'],
    name: 'camera',
    vendor: 'Reolink',
    randomised_mac: false,
    network: 'lan',
    class: 'iot',
    class_reason: 'camera: vendor Reolink',
    state: 'restricted',
    until: '2026-11-21T15:02:00Z',
    score: 7.1,
    restrict_at: 4.6,
    block_at: 9.21,
    connections: 12,
    connections_24h: 12,
    connections_without_event: 0,
    messages_24h: 3,
    refused: 9,
    relays: [],
    incident: 'home-20261121T140203Z-7',
    first_seen: '2026-11-20T10:00:00Z',
    last_mail: '2026-11-21T14:02:03Z',
    ...overrides,
  };
}

export function eventDocument(number: number): EventDocument {
  return {
    schema: 1,
    id: `home-20261121T140203Z-7.${number}`,
    type: 'restricted',
    at: '2026-11-21T14:02:03Z',
    node: 'home',
    text: `Step ${number}`,
  };
}
