import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IClientOptions, IClientPublishOptions } from 'mqtt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deviceDocument, eventDocument, statusDocument } from '../mqtt/documents.ts';
import { createMosquitto, type Mosquitto, makeCertificates, until } from './mosquitto.ts';
import { connectTo, connectVersion5, listenTo } from './mqtt-harness.ts';

const page = readFileSync(new URL('../../docs/mqtt.md', import.meta.url), 'utf8');
const list = /```\n(user postern\n[^`]*)```/.exec(page)?.[1] ?? '';
const names = ['postern', 'homeassistant', 'camera'] as const;

let broker: Mosquitto;
let server: ReturnType<typeof makeCertificates>;
beforeEach(async () => {
  broker = await createMosquitto();
  server = makeCertificates(broker.folder, 'home');
  for (const name of names) certify(name);
  const acl = join(broker.folder, 'acl');
  writeFileSync(acl, list);
  await broker.start([
    ...[`certfile ${server.cert}`, `keyfile ${server.key}`, `cafile ${server.ca}`],
    ...['require_certificate true', 'use_identity_as_username true', `acl_file ${acl}`, 'user root'],
  ]);
});
afterEach(() => broker.remove());

/** A client's certificate of the home's own authority, whose name is its login. */
function certify(name: string): void {
  const file = (end: string) => join(broker.folder, `${name}${end}`);
  const run = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  run('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', file('.key'), '-out', file('.csr'));
  const authority = ['-CA', server.ca, '-CAkey', server.ca.replace(/\.pem$/, '.key'), '-CAcreateserial'];
  run('x509', '-req', '-in', file('.csr'), ...authority, '-days', '2', '-out', file('.pem'));
}

/** What mosquitto's clients are told of the certificate of this name. */
const as = (name: string) => [
  ...['--cafile', server.ca, '--cert', join(broker.folder, `${name}.pem`)],
  ...['--key', join(broker.folder, `${name}.key`)],
];
const filesOf = (name: string) => ({
  ...{ url: `mqtts://127.0.0.1:${broker.port}`, caFile: server.ca },
  ...{ certFile: join(broker.folder, `${name}.pem`), keyFile: join(broker.folder, `${name}.key`) },
});

/** Publishes; the exit code of mosquitto's client. */
function publish(topic: string, payload: string, ...args: readonly string[]): number | null {
  const where = ['-h', '127.0.0.1', '-p', String(broker.port), '-q', '1', '-t', topic, '-m', payload];
  return spawnSync('mosquitto_pub', [...where, ...args], { stdio: 'ignore', timeout: 5000 }).status;
}

describe.each(['mqttv311', 'mqttv5'])(
  'TLS with client certificates and the documents’ list, for clients of %s',
  (version) => {
    const speaking = ['-V', version];

    test('Postern and Home Assistant do all they need; others nothing', async () => {
      expect(list).not.toBe('');
      const { session, requests, others, conditions } = connectTo({
        ...{ ...filesOf('postern'), discovery: 'homeassistant', commands: 'safe' },
      });
      session.status(statusDocument());
      session.event(eventDocument(1));
      session.start();
      await until(() => session.unsent().length === 0);
      const home = await listenTo(broker.port, [
        '-t',
        'homeassistant/#',
        ...as('homeassistant'),
        ...speaking,
      ]);
      await until(() =>
        home.seen.some((line) => line.startsWith('1 homeassistant/device/postern_home/config')),
      );
      expect(home.seen).toContain('1 postern/home/availability online');
      session.event(eventDocument(2));
      await until(() => home.seen.some((line) => line.includes('Step 2')));
      expect(
        publish('postern/home/request/test', '{"transaction":1}', ...as('homeassistant'), ...speaking),
      ).toBe(0);
      await until(() => home.seen.some((line) => line.includes('/response/test')));

      // What may not be written does not arrive; what may not be read is not sent.
      const camera = await listenTo(broker.port, [...as('camera'), ...speaking]).catch(() => undefined);
      for (const name of ['camera', 'homeassistant']) {
        publish('postern/home/availability', 'offline', ...as(name), ...speaking, '-r');
        publish('postern/home/event', '{"text":"invented"}', ...as(name), ...speaking);
      }
      publish('postern/home/request/test', '{"transaction":2}', ...as('camera'), ...speaking);
      publish('homeassistant/device/postern_home/config', '', ...as('camera'), ...speaking, '-r');
      await sleep(1000);
      expect(camera?.seen ?? []).toEqual([]);
      expect(requests).toHaveLength(1);
      expect(home.seen.join('\n')).not.toMatch(/offline|invented/);
      expect({ others, conditions }).toEqual({ others: [], conditions: [] });
    });

    test('nobody comes in without a certificate, nor with one of another authority, nor without TLS', () => {
      const strange = makeCertificates(broker.folder, 'strange');
      const topic = 'postern/home/request/test';
      expect(publish(topic, '{}', ...as('homeassistant'), ...speaking)).toBe(0);
      expect(publish(topic, '{}', '--cafile', server.ca, ...speaking)).not.toBe(0);
      const other = ['--cafile', server.ca, '--cert', strange.cert, '--key', strange.key];
      expect(publish(topic, '{}', ...other, ...speaking)).not.toBe(0);
      expect(publish(topic, '{}', ...speaking)).not.toBe(0);
    });
  },
);

test('Postern with a certificate of another authority is told why, and its event waits', async () => {
  const strange = makeCertificates(broker.folder, 'strange');
  const { session, conditions } = connectTo({
    ...{ ...filesOf('postern'), certFile: strange.cert, keyFile: strange.key },
  });
  session.event(eventDocument(1));
  session.start();
  await until(() => conditions.length > 0);
  expect(conditions[0]).toMatch(/certificate|closed/);
  expect(session.unsent()).toHaveLength(1);
});

describe('TLS with passwords and the documents’ list, for clients of MQTT 5', () => {
  beforeEach(async () => {
    await broker.stop();
    const passwords = join(broker.folder, 'passwords');
    writeFileSync(passwords, names.map((name) => `${name}:secret of ${name}\n`).join(''));
    execFileSync('mosquitto_passwd', ['-U', passwords]);
    await broker.start([
      ...[`certfile ${server.cert}`, `keyfile ${server.key}`, 'user root'],
      ...['allow_anonymous false', `password_file ${passwords}`, `acl_file ${join(broker.folder, 'acl')}`],
    ]);
  });

  const url = () => `mqtts://127.0.0.1:${broker.port}`;
  const login = (username: string) => ({ username, password: `secret of ${username}` });
  const connect = (username: string, options: IClientOptions = {}) =>
    connectVersion5(url(), { ca: readFileSync(server.ca), ...login(username), ...options });
  const postern = () => ({ url: url(), caFile: server.ca, ...login('postern'), commands: 'safe' }) as const;

  test('a consumer gets the documents and their end, retained, and events that are not', async () => {
    const { session, conditions, others } = connectTo(postern());
    session.status(statusDocument());
    session.device('ec71db001122', deviceDocument());
    session.device('000000000001', deviceDocument());
    session.event(eventDocument(1));
    session.start();
    await until(() => session.unsent().length === 0);
    const home = await connect('homeassistant');
    await home.subscribe('postern/#');
    await until(() => home.heard.length === 5);
    const kept = { retain: true, payload: expect.stringMatching(/^online$|^\{"schema":1,/) };
    expect(home.heard.toSorted((a, b) => a.topic.localeCompare(b.topic))).toMatchObject(
      ['availability', 'device/000000000001', 'device/ec71db001122', 'info', 'status'].map((topic) => ({
        ...{ ...kept, topic: `postern/home/${topic}` },
      })),
    );
    session.event(eventDocument(2));
    session.status(statusDocument({ devices: 6 }));
    session.device('000000000001', undefined);
    await until(() => home.heard.length === 8);
    await session.stop();
    await until(() => home.heard.length === 9);
    expect(home.heard.slice(5)).toMatchObject([
      { topic: 'postern/home/event', retain: false, qos: 1 },
      { topic: 'postern/home/status', retain: true, qos: 0, payload: expect.stringContaining('"devices":6') },
      { topic: 'postern/home/device/000000000001', retain: true, qos: 1, payload: '' },
      { topic: 'postern/home/availability', retain: true, qos: 1, payload: 'offline' },
    ]);
    const later = await connect('homeassistant');
    await later.subscribe('postern/#');
    await until(() => later.heard.length >= 4);
    expect(later.heard.map(({ topic }) => topic)).not.toContain('postern/home/device/000000000001');
    expect({ conditions, others }).toEqual({ conditions: [], others: [] });
  });

  test('a request is answered where the documents say, whatever it asks for; what the broker kept is not', async () => {
    const home = await connect('homeassistant');
    await home.subscribe('postern/home/#');
    const request = (transaction: string, options: IClientPublishOptions = {}) =>
      home.client.publishAsync('postern/home/request/test', JSON.stringify({ transaction }), {
        ...{ qos: 1, ...options },
      });
    await request('kept', { retain: true });
    const { session, requests } = connectTo(postern());
    session.event(eventDocument(1));
    session.start();
    await until(() => session.unsent().length === 0);
    const properties = {
      ...{ responseTopic: 'postern/home/elsewhere', correlationData: Buffer.from('7') },
      ...{ messageExpiryInterval: 60, userProperties: { from: 'home' } },
    };
    await request('live', { properties });
    const said = () => home.heard.filter(({ topic }) => !/\/(?:request|info|availability|event)/.test(topic));
    await until(() => said().length > 0);
    const camera = await connect('camera');
    const refused = expect(camera.client.publishAsync('postern/home/request/test', '{}', { qos: 1 })).rejects;
    await refused.toMatchObject({ code: 0x87 });
    // To whoever is subscribed already MQTT 3.1.1 hands it on like any other.
    await request('live and kept', { retain: true });
    await until(() => said().length > 1);
    expect(said()).toMatchObject(
      ['live', 'live and kept'].map((transaction) => ({
        ...{ topic: 'postern/home/response/test', retain: false },
        payload: JSON.stringify({ schema: 1, status: 'ok', data: {}, transaction }),
      })),
    );
    expect(requests).toHaveLength(2);
  });

  test('a consumer that was away gets the events of that time, in order', async () => {
    const away = { clientId: 'dashboard', clean: false, properties: { sessionExpiryInterval: 600 } };
    const before = await connect('homeassistant', away);
    await before.subscribe('postern/+/event');
    await before.client.endAsync();
    const { session } = connectTo(postern());
    session.start();
    for (let number = 1; number <= 20; number++) session.event(eventDocument(number));
    await until(() => session.unsent().length === 0);
    const after = await connect('homeassistant', away);
    await until(() => after.heard.length === 20);
    expect(before.heard).toEqual([]);
    expect(after.heard.map(({ payload }) => JSON.parse(payload).text)).toEqual(
      Array.from({ length: 20 }, (_, index) => `Step ${index + 1}`),
    );
  });

  test('a wrong password is told to Postern as to others', async () => {
    const wrong = { password: 'secret of camera' };
    // "Bad user name or password", or "not authorised".
    await expect(connect('homeassistant', wrong)).rejects.toSatisfy(({ code }) =>
      [0x86, 0x87].includes(code),
    );
    const { session, conditions } = connectTo({ ...postern(), ...wrong });
    session.event(eventDocument(1));
    session.start();
    await until(() => conditions.length > 0);
    expect(conditions[0]).toContain('refuses the login');
    expect(session.unsent()).toHaveLength(1);
  });
});
