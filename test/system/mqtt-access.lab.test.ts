import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventDocument, statusDocument } from '../mqtt/documents.ts';
import { createMosquitto, type Mosquitto, makeCertificates, until } from './mosquitto.ts';
import { connectTo, listenTo } from './mqtt-harness.ts';

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
