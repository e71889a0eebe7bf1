import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../daemon/config/problem.ts';
import { readConfig } from '../../daemon/config/read-config.ts';

function lines(mqtt: Record<string, unknown>) {
  const reading = readConfig({ mqtt });
  const problems = reading.ok ? reading.warnings : reading.problems;
  return problems
    .filter(({ option }) => option !== 'networks')
    .map((problem) => `${problem.severity} ${formatProblem(problem)}`);
}

const url = 'mqtt://192.168.1.2';

describe('the address of the broker', () => {
  test.each([
    ['mqtt://host', 'mqtt://host'],
    ['mqtts://Host.Example:8884/', 'mqtts://host.example:8884'],
    ['mqtt://[2001:db8::1]:1883', 'mqtt://[2001:db8::1]:1883'],
    ['mqtt://127.0.0.1:01883', 'mqtt://127.0.0.1:1883'],
  ])('%s', (written, read) => {
    const reading = readConfig({ mqtt: { url: written } });
    expect(reading.ok && reading.config.mqtt.url).toBe(read);
  });

  test.each([
    'host',
    'mqtt://',
    'mqtt://h:0',
    'mqtt://h:65536',
    'mqtt://h/path',
    'mqtt://[h]',
    'mqtt://a b',
    'tcp://h',
  ])('%s is refused', (written) =>
    expect(lines({ url: written })).toEqual([expect.stringMatching(/^error mqtt\.url: /)]),
  );

  test('WebSocket is refused with what to write instead', () => {
    expect(lines({ url: 'ws://h:9001' })).toEqual([
      'error mqtt.url: "ws://h:9001" is MQTT over WebSocket, which is not built in. Remedy: Use the broker\'s own port: mqtt://host:1883.',
    ]);
    expect(lines({ url: 'WSS://h' })[0]).toContain('mqtts://host:8883');
  });
});

describe('secrets', () => {
  test.each([
    { url, password: 'hunter2\n' },
    { url, password: ['hunter2'] },
    { url, password: { hunter2: 'hunter2' } },
    { url: 'mqtt://me:hunter2@host' },
    { url: 'ws://me:hunter2@host' },
    { url, username: 'u', password: 'hunter2', commands: 'all' },
    { url, password: 'hunter2' },
  ])('are in no message: %j', (mqtt) => {
    expect(lines(mqtt).length).toBeGreaterThan(0);
    expect(lines(mqtt).join()).not.toContain('hunter2');
  });
});

describe('options that need each other', () => {
  test.each([
    ['enabled without url', { enabled: '1' }, 'error mqtt.url'],
    ['password without username', { url, password: 'x' }, 'error mqtt.username'],
    ['certificate without key', { url: 'mqtts://h', cert_file: '/c' }, 'error mqtt.key_file'],
    ['key without certificate', { url: 'mqtts://h', key_file: '/c' }, 'error mqtt.cert_file'],
    ['certificate without TLS', { url, ca_file: '/c' }, 'warning mqtt.url'],
    ['unchecked certificate', { url: 'mqtts://h', insecure: '1' }, 'warning mqtt.insecure'],
  ])('%s', (_, mqtt, start) => {
    expect(lines(mqtt)).toEqual([expect.stringMatching(`^${start}: `)]);
  });

  const login = { username: 'u', password: 'p' };
  test.each([
    ['a password over the LAN', { url, ...login }, false],
    ['TLS without a password', { url: 'mqtts://h' }, false],
    ['loopback without a password', { url: 'mqtt://127.0.0.1' }, false],
    ['a password and TLS', { url: 'mqtts://h', ...login }, true],
    ['a password and TLS that checks nothing', { url: 'mqtts://h', insecure: '1', ...login }, false],
    ['a password and the router itself', { url: 'mqtt://127.0.0.1:1883', ...login }, true],
    ['a password and localhost', { url: 'mqtt://localhost', ...login }, true],
    ['a password and a host that begins like it', { url: 'mqtt://localhost.example', ...login }, false],
  ])('all commands with %s', (_, mqtt, allowed) => {
    expect(readConfig({ mqtt: { ...mqtt, commands: 'all' } }).ok).toBe(allowed);
    expect(readConfig({ mqtt: { ...mqtt, commands: 'safe' } }).ok).toBe(true);
  });

  test('what is disabled is not cross-checked', () => {
    expect(lines({ enabled: '0', commands: 'all' })).toEqual([]);
  });
});
