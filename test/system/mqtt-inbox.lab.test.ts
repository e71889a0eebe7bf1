import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deviceDocument, eventDocument, statusDocument } from '../mqtt/documents.ts';
import { createMosquitto, end, type Mosquitto, until } from './mosquitto.ts';
import { connectTo, leftovers, listenTo } from './mqtt-harness.ts';

let broker: Mosquitto;
beforeEach(async () => {
  broker = await createMosquitto();
});
afterEach(() => broker.remove());

const everything = ['-t', 'homeassistant/#'];
/** Publishes with mosquitto's own client; `args` are added (login, -r). */
function publish(topic: string, payload: string, ...args: string[]): void {
  const where = ['-h', '127.0.0.1', '-p', String(broker.port), '-q', '1', '-t', topic];
  execFileSync('mosquitto_pub', [...where, ...(payload === '' ? ['-n'] : ['-s']), ...args], {
    input: payload,
  });
}
const url = () => `mqtt://127.0.0.1:${broker.port}`;

describe('requests', () => {
  test('are answered on a topic of their own, retained ones not at all', async () => {
    await broker.start();
    publish('postern/home/request/block', '{"device":"ec71db001122","transaction":"old"}', '-r');
    const { session, requests } = connectTo({ url: url(), commands: 'safe' });
    session.event(eventDocument(1));
    session.start();
    await until(() => session.unsent().length === 0);
    const live = await listenTo(broker.port);
    publish('postern/home/request/release', '{"device":"ec71db001122"}');
    publish('postern/home/request/block', '{"device":"ec71db001122","transaction":"t1"}');
    publish('postern/home/request/block', 'block it');
    await until(() => live.seen.filter((line) => line.includes('/response/')).length === 2);
    expect(live.seen.filter((line) => line.includes('/response/'))).toEqual([
      '0 postern/home/response/block {"schema":1,"status":"ok","data":{},"transaction":"t1"}',
      expect.stringContaining('"status":"error","error":{"code":"bad_request"'),
    ]);
    expect(requests).toEqual([{ id: 0, do: 'block', args: { device: 'ec71db001122' } }]);
  });

  test('and documents of megabytes are passed over: nothing is kept of them, and the connection holds', async () => {
    await broker.start();
    const large = 'x'.repeat(60_000_000);
    publish('postern/home/device/old', large, '-r');
    const live = await listenTo(broker.port, ['-T', 'postern/home/device/+']);
    const child = spawn(process.execPath, ['test/ts.mjs', 'test/system/mqtt-session-process.ts', url()], {
      stdio: 'inherit',
    });
    leftovers.push(() => end(child, 'SIGKILL'));
    const peakMb = () =>
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1000;
    await until(() => live.seen.some((line) => line.includes('/status')));
    const before = peakMb();
    publish('postern/home/device/new', large);
    publish('postern/home/availability', 'offline');
    // It hears what comes behind, and answers it on the same connection.
    await until(() => live.seen.at(-1)?.endsWith('availability online') === true);
    const grown = peakMb() - before;
    console.log(`two messages of 60 MB: ${grown.toFixed(1)} MB more`);
    expect(grown).toBeLessThan(30);
    expect(live.seen.filter((line) => line.includes('/info'))).toHaveLength(1);
  });
});

describe('our topics', () => {
  test('say what we say, whoever writes to them, and that somebody does is told', async () => {
    await broker.start();
    const { session, others } = connectTo({ url: url(), discovery: 'homeassistant' });
    session.status(statusDocument());
    session.device('ec71db001122', deviceDocument());
    session.event(eventDocument(1));
    session.start();
    await until(() => session.unsent().length === 0);
    publish('postern/home/availability', 'offline', '-r');
    publish('postern/home/status', `{"state":"ok"}${' '.repeat(9000)}`, '-r');
    publish('homeassistant/device/postern_home/config', '', '-r');
    publish('postern/home/device/ec71db001122', '', '-r');
    publish('postern/home/device/000000000001', '{"name":"nobody"}', '-r');
    await until(() => others.length === 5);
    expect(others.at(-1)).toBe('topics_forged 5 times');
    await sleep(1000);
    const later = await listenTo(broker.port);
    await until(() => later.seen.length >= 4);
    await sleep(200);
    expect(later.seen.toSorted()).toEqual([
      '1 postern/home/availability online',
      `1 postern/home/device/ec71db001122 ${JSON.stringify(deviceDocument())}`,
      expect.stringContaining('1 postern/home/info'),
      `1 postern/home/status ${JSON.stringify(statusDocument())}`,
    ]);
    const entities = await listenTo(broker.port, ['-t', 'homeassistant/device/postern_home/config']);
    await until(() => entities.seen.some((line) => line.includes('"event_types"')));
  });

  test('are never taken for a stranger’s while we write a thousand times', async () => {
    await broker.start();
    const { session, others } = connectTo({ url: url() });
    session.start();
    for (let round = 0; round < 1000; round++) {
      session.status(statusDocument({ devices: round }));
      session.device('ec71db001122', round % 7 === 0 ? undefined : deviceDocument({ connections: round }));
      if (round % 20 === 0) await sleep(5);
    }
    session.event(eventDocument(1));
    await until(() => session.unsent().length === 0);
    await sleep(300);
    expect(others).toEqual([]);
  });

  test('of an earlier life are taken away, and with mqtt-clean all of them', async () => {
    await broker.start();
    publish('postern/home/device/000000000001', '{"name":"of yesterday"}', '-r');
    publish('homeassistant/device/postern_home_000000000001/config', '{"old":1}', '-r');
    const { session, others } = connectTo({ url: url(), discovery: 'homeassistant' });
    session.device('ec71db001122', deviceDocument());
    session.event(eventDocument(1));
    session.start();
    await until(() => session.unsent().length === 0);
    await sleep(600);
    const topics = async () => {
      const listener = await listenTo(broker.port, everything);
      await sleep(300);
      await listener.stop();
      return listener.seen.map((line) => line.split(' ')[1]).sort();
    };
    expect(await topics()).toEqual([
      'homeassistant/device/postern_home/config',
      'homeassistant/device/postern_home_ec71db001122/config',
      'postern/home/availability',
      'postern/home/device/ec71db001122',
      'postern/home/info',
    ]);
    expect(others).toEqual([]);
    expect(await session.clean()).toBe(5);
    // Neither the will nor anything said later comes back.
    session.status(statusDocument());
    await session.stop();
    expect(await topics()).toEqual([]);
  });
});

test('Home Assistant is told everything when it says that it is there', async () => {
  await broker.start();
  const { session } = connectTo({ url: url(), discovery: 'homeassistant' });
  session.status(statusDocument());
  session.event(eventDocument(1));
  session.start();
  await until(() => session.unsent().length === 0);
  const live = await listenTo(broker.port, everything);
  const again = () => live.seen.filter((line) => line.startsWith('0 ')).map((line) => line.split(' ')[1]);
  publish('homeassistant/status', 'online');
  await until(() => again().length >= 5);
  expect(again()).toEqual([
    'homeassistant/status',
    'homeassistant/device/postern_home/config',
    'postern/home/availability',
    'postern/home/info',
    'postern/home/status',
  ]);
});

test('two routers of one name are both told so, and not that the broker is down', async () => {
  await broker.start();
  const first = connectTo({ url: url() });
  const second = connectTo({ url: url() });
  first.session.start();
  second.session.start();
  await until(() => [first, second].every(({ others }) => others.includes('client_id_taken postern-home')));
});

describe('the access list of the documents', () => {
  const page = readFileSync(new URL('../../docs/mqtt.md', import.meta.url), 'utf8');
  const list = /```\n(user postern\n[^`]*)```/.exec(page)?.[1] ?? '';

  async function startWith(acl: string): Promise<void> {
    const [passwords, file] = ['passwords', 'acl'].map((name) => join(broker.folder, name));
    if (passwords === undefined || file === undefined) throw new Error('no files');
    const users = ['postern', 'homeassistant', 'camera'];
    writeFileSync(passwords, users.map((user) => `${user}:secret\n`).join(''));
    execFileSync('mosquitto_passwd', ['-U', passwords]);
    writeFileSync(file, acl);
    await broker.start([
      'allow_anonymous false',
      `password_file ${passwords}`,
      `acl_file ${file}`,
      'user root',
    ]);
  }
  const login = (user: string) => ['-u', user, '-P', 'secret'];
  const postern = () => ({ url: url(), username: 'postern', password: 'secret' });

  test('lets Postern and Home Assistant do all they need, and others nothing', async () => {
    expect(list).not.toBe('');
    await startWith(list);
    const { session, requests, others, conditions } = connectTo({
      ...{ ...postern(), discovery: 'homeassistant', commands: 'safe' },
    });
    session.status(statusDocument());
    session.event(eventDocument(1));
    session.start();
    await until(() => session.unsent().length === 0);
    const home = await listenTo(broker.port, [...everything, ...login('homeassistant')]);
    await until(() => home.seen.some((line) => line.includes('homeassistant/device/postern_home/config')));
    expect(home.seen.join('\n')).toContain('1 postern/home/availability online');
    publish('postern/home/request/test', '{}', ...login('homeassistant'));
    await until(() => home.seen.some((line) => line.includes('/response/test')));
    publish('homeassistant/status', 'online', ...login('homeassistant'));
    await until(() => home.seen.filter((line) => line.startsWith('0 postern/home/status')).length > 0);

    const camera = await listenTo(broker.port, login('camera')).catch(() => undefined);
    publish('postern/home/request/test', '{}', ...login('camera'));
    publish('postern/home/status', '{}', ...login('camera'), '-r');
    publish('postern/home/availability', 'offline', ...login('camera'), '-r');
    publish('postern/home/status', '{}', ...login('homeassistant'), '-r');
    await sleep(500);
    expect(camera?.seen ?? []).toEqual([]);
    expect(requests).toHaveLength(1);
    expect({ others, conditions }).toEqual({ others: [], conditions: [] });
  });

  test('that does not let Postern read is told', async () => {
    await startWith(list.replace('topic readwrite postern/#', 'topic write postern/#'));
    const { session, others } = connectTo({ ...postern(), discovery: 'homeassistant' });
    session.event(eventDocument(1));
    session.start();
    await until(() => session.unsent().length === 0);
    await sleep(3000);
    await until(() => others.length > 0);
    expect(others).toEqual(['mqtt_not_heard ']);
  });
});
