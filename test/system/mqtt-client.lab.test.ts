import { spawn } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deviceDocument, eventDocument, statusDocument } from '../mqtt/documents.ts';
import { createMosquitto, end, type Mosquitto, makeCertificates, until } from './mosquitto.ts';
import { connectTo, leftovers, listenTo } from './mqtt-harness.ts';

let broker: Mosquitto;

beforeEach(async () => {
  broker = await createMosquitto();
});

afterEach(async () => {
  await broker.remove();
});
describe('a session with mosquitto', () => {
  it('leaves retained documents, no retained event, and says offline when it stops', async () => {
    await broker.start();
    const { session, conditions } = connectTo({ url: `mqtt://127.0.0.1:${broker.port}` });
    session.start();
    session.status(statusDocument());
    session.device('ec71db001122', deviceDocument());
    session.device('000000000001', deviceDocument());
    session.event(eventDocument(1));
    await until(() => session.unsent().length === 0);
    session.device('000000000001', undefined);
    const live = await listenTo(broker.port);
    session.event(eventDocument(2));
    await until(() => live.seen.some((line) => line.includes('Step 2')));
    const retained = live.seen.filter((line) => line.startsWith('1 '));
    expect(retained.map((line) => line.split(' ')[1]).sort()).toEqual([
      'postern/home/availability',
      'postern/home/device/ec71db001122',
      'postern/home/info',
      'postern/home/status',
    ]);
    expect(retained).toContain('1 postern/home/availability online');
    await session.stop();
    await until(() => live.seen.at(-1) === '0 postern/home/availability offline');
    expect(live.seen.filter((line) => line.endsWith('offline'))).toHaveLength(1);
    const later = await listenTo(broker.port);
    await until(() => later.seen.includes('1 postern/home/availability offline'));
    expect(conditions).toEqual([]);
  });

  it('is offline by its will when it is killed', async () => {
    await broker.start();
    const live = await listenTo(broker.port);
    const child = spawn(
      process.execPath,
      ['test/ts.mjs', 'test/system/mqtt-session-process.ts', `mqtt://127.0.0.1:${broker.port}`],
      { stdio: 'inherit' },
    );
    leftovers.push(() => end(child, 'SIGKILL'));
    await until(() => live.seen.some((line) => line.includes('/status')));
    await end(child, 'SIGKILL');
    await until(() => live.seen.at(-1) === '0 postern/home/availability offline');
    const later = await listenTo(broker.port);
    await until(() => later.seen.includes('1 postern/home/availability offline'));
  });

  it('delivers the last state of every topic and the last 256 events in order after an incident without a broker', async () => {
    const { session, conditions } = connectTo({ url: `mqtt://127.0.0.1:${broker.port}` });
    session.start();
    for (let round = 0; round < 20; round++) {
      for (let device = 0; device < 1100; device++) {
        session.device(`device${device}`, deviceDocument({ connections: round }));
      }
    }
    for (let number = 1; number <= 300; number++) session.event(eventDocument(number));
    session.status(statusDocument({ state: 'degraded' }));
    session.status(statusDocument({ state: 'ok' }));
    await until(() => conditions.length > 0);
    expect(conditions).toEqual([
      `The MQTT broker 127.0.0.1:${broker.port} refuses connections (is it running, is the port right?): ECONNREFUSED`,
    ]);
    expect(session.dropped()).toEqual({ documents: 20 * 76 + 19 * 1024, events: 44 });
    await broker.start(['allow_anonymous true', 'max_queued_messages 0']);
    const live = await listenTo(broker.port);
    await until(() => session.unsent().length === 0);
    expect(conditions.at(-1)).toBe('off');
    const rest = await listenTo(broker.port);
    const devices = () => rest.seen.filter((line) => line.includes('/device/'));
    await until(() => devices().length >= 1024);
    expect(devices()).toHaveLength(1024);
    expect(devices().every((line) => line.includes('"connections":19'))).toBe(true);
    expect(rest.seen.find((line) => line.includes('/status'))).toContain('"state":"ok"');
    await until(() => live.seen.some((line) => line.includes('Step 300"')));
    const steps = live.seen
      .map((line) => /"Step (\d+)"/.exec(line)?.[1])
      .filter((step) => step !== undefined);
    expect(steps).toEqual(Array.from({ length: 256 }, (_, index) => String(index + 45)));
  });

  it('loses no event and keeps their order over restarts of the broker', async () => {
    await broker.start();
    const { session } = connectTo({ url: `mqtt://127.0.0.1:${broker.port}` });
    session.start();
    const seen: number[] = [];
    let number = 0;
    for (let round = 0; round < 3; round++) {
      const live = await listenTo(broker.port);
      for (let each = 0; each < 50; each++) session.event(eventDocument(++number));
      if (round < 2) await broker.stop();
      for (let each = 0; each < 20; each++) session.event(eventDocument(++number));
      if (round < 2) await broker.start();
      else await until(() => session.unsent().length === 0);
      if (round === 2) await until(() => live.seen.some((line) => line.includes(`"Step ${number}"`)));
      for (const line of live.seen) {
        const step = /"Step (\d+)"/.exec(line)?.[1];
        if (step !== undefined) seen.push(Number(step));
      }
    }
    // What the broker took while nobody listened is not seen, and an acknowledgement that was lost makes a repetition,
    // which its id tells; what is seen is in order.
    const once = [...new Set(seen)];
    expect(once.at(-1)).toBe(210);
    expect(once).toEqual([...once].sort((a, b) => a - b));
  });

  it('tells a wrong password, and goes on by itself when it is right', async () => {
    const passwords = join(broker.folder, 'passwords');
    const lines = ['allow_anonymous false', `password_file ${passwords}`, 'user root'];
    await setPassword(passwords, 'other');
    await broker.start(lines);
    const { session, conditions } = connectTo({
      url: `mqtt://127.0.0.1:${broker.port}`,
      username: 'postern',
      password: 'right',
    });
    session.start();
    await until(() => conditions.length > 0);
    expect(conditions[0]).toContain('refuses the login');
    expect(conditions.join()).not.toContain('right"');
    await broker.stop();
    await setPassword(passwords, 'right');
    await broker.start(lines);
    await until(() => conditions.at(-1) === 'off');
  });

  it('speaks TLS, tells a certificate of somebody else, and goes on when ca_file is right', async () => {
    const right = makeCertificates(broker.folder, 'right');
    const wrong = makeCertificates(broker.folder, 'wrong');
    const caFile = join(broker.folder, 'ca.pem');
    copyFileSync(wrong.ca, caFile);
    await broker.start([
      'allow_anonymous true',
      `certfile ${right.cert}`,
      `keyfile ${right.key}`,
      'user root',
    ]);
    const { session, conditions } = connectTo({ url: `mqtts://127.0.0.1:${broker.port}`, caFile });
    session.start();
    await until(() => conditions.length > 0);
    expect(conditions[0]).toContain('certificate that does not hold');
    copyFileSync(right.ca, caFile);
    await until(() => conditions.at(-1) === 'off');
    const live = await listenTo(broker.port, ['--cafile', right.ca]);
    await until(() => live.seen.includes('1 postern/home/availability online'));
  });

  it('checks the name in the certificate, and takes another one where server_name gives it', async () => {
    const { ca, cert, key } = makeCertificates(broker.folder, 'home');
    await broker.start(['allow_anonymous true', `certfile ${cert}`, `keyfile ${key}`, 'user root']);
    const url = `mqtts://127.0.0.1:${broker.port}`;
    const wrong = connectTo({ url, caFile: ca, serverName: 'elsewhere.home' });
    wrong.session.start();
    await until(() => wrong.conditions.length > 0);
    expect(wrong.conditions[0]).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
    const named = connectTo({ url, caFile: ca, serverName: 'broker.home' });
    named.session.event(eventDocument(1));
    named.session.start();
    await until(() => named.session.unsent().length === 0);
    const careless = connectTo({ url, insecure: true });
    careless.session.event(eventDocument(1));
    careless.session.start();
    await until(() => careless.session.unsent().length === 0);
  });

  it('tells once that another client has our client id, and that it ended when a connection has held', async () => {
    await broker.start();
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const { session, conditions, others } = connectTo({ url }, { goodAfterMs: 1200 });
    session.start();
    // The other connects again each time, as every client does: the broker closes the older of two.
    const rival = await connectAsync(url, { clientId: 'postern-home', reconnectPeriod: 200 });
    let rounds = 0;
    rival.on('close', () => rounds++);
    leftovers.push(() => rival.endAsync(true));
    await until(() => others.length > 0);
    const [before, roundsBefore] = [conditions.length, rounds];
    await until(() => rounds >= roundsBefore + 4);
    expect(others).toEqual(['client_id_taken postern-home']);
    expect(conditions.slice(before)).toEqual([]);
    expect(conditions.at(-1)).toBe('off');
    await rival.endAsync(true);
    await until(() => others.length > 1);
    expect(others.at(-1)).toBe('client_id_taken off');
    session.event(eventDocument(1));
    await until(() => session.unsent().length === 0);
    expect(conditions.slice(before)).toEqual([]);
  });

  it('shows its own certificate where the broker wants one, and tells a missing file', async () => {
    const server = makeCertificates(broker.folder, 'server');
    const client = makeCertificates(broker.folder, 'client');
    const lines = [`certfile ${server.cert}`, `keyfile ${server.key}`, `cafile ${client.ca}`];
    await broker.start(['allow_anonymous true', 'require_certificate true', 'user root', ...lines]);
    const url = `mqtts://127.0.0.1:${broker.port}`;
    const without = connectTo({ url, caFile: server.ca });
    without.session.start();
    await until(() => without.conditions.length > 0);
    expect(without.conditions[0]).toMatch(/certificate|closed/);
    const files = { certFile: client.cert, keyFile: client.key };
    const { session } = connectTo({ url, caFile: server.ca, ...files });
    session.event(eventDocument(1));
    session.start();
    await until(() => session.unsent().length === 0);
    const missing = connectTo({ url, caFile: '/nowhere/ca.pem' });
    missing.session.start();
    await until(() => missing.conditions.length > 0);
    expect(missing.conditions[0]).toContain('needs a file that cannot be read: ENOENT');
  });
});

async function setPassword(file: string, password: string): Promise<void> {
  writeFileSync(file, `postern:${password}\n`, { mode: 0o600 });
  const child = spawn('mosquitto_passwd', ['-U', file], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('exit', resolve));
}
