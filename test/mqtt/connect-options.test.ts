import { describe, expect, it } from 'vitest';
import { brokerName, connectOptionsOf } from '../../daemon/mqtt/connect-options.ts';
import { topicsOf } from '../../daemon/mqtt/topics.ts';
import { mqttConfig } from './documents.ts';

const topics = topicsOf('postern', 'home');
const optionsOf = (url: string) => connectOptionsOf({ ...mqttConfig, url }, 'home', topics, 10_000);

describe('connectOptionsOf', () => {
  it('reads host, port and TLS from the url', () => {
    expect(optionsOf('mqtt://broker.lan')).toMatchObject({ host: 'broker.lan', port: 1883, tls: false });
    expect(optionsOf('mqtts://broker.lan')).toMatchObject({ host: 'broker.lan', port: 8883, tls: true });
    expect(optionsOf('mqtts://10.0.0.1:1')).toMatchObject({ host: '10.0.0.1', port: 1, tls: true });
    expect(optionsOf('mqtt://[fd00::1]:1884')).toMatchObject({ host: 'fd00::1', port: 1884 });
  });

  it('takes nothing else', () => {
    for (const url of ['', 'broker', 'ws://b', 'wss://b', 'http://b', 'mqtt://', 'mqtt://b:99999']) {
      expect(optionsOf(url)).toBeUndefined();
    }
  });

  it('leaves the will "offline", retained, at least once', () => {
    expect(optionsOf('mqtt://b')?.will).toEqual({
      topic: 'postern/home/availability',
      payload: 'offline',
      retain: true,
      qos: 1,
    });
  });

  it('names a broker without its login', () => {
    expect(brokerName({ host: 'fd00::1', port: 1883 })).toBe('[fd00::1]:1883');
    expect(brokerName({ host: 'broker', port: 8883 })).toBe('broker:8883');
  });
});
