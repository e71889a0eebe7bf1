import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import type { DeviceName } from '../lab/home.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import type { LabProcess } from '../lab/lab-process.ts';
import { ask } from './ask.ts';
import { type Dns, startDns } from './dns.ts';
import { type Guard, startGuard } from './guard.ts';

let lab: Lab;
let dns: Dns;
let guard: Guard;
let resolver: LabProcess;
let log: string;

const who = (name: DeviceName) => ({ device: lab.devices[name].mac });
const mails = { everyMs: 150, durationS: 30 };

describeLab('names from the log of the router’s DNS', () => {
  beforeAll(async () => {
    lab = await startLab();
    log = join(lab.dir, 'dns.log');
    const [relay, evil] = [lab.addresses.spread4.slice(0, 12), lab.addresses.spread4.slice(12)];
    dns = await startDns(lab, {
      'relay.isp.example': [...relay, ...lab.addresses.spread6.slice(0, 2)],
      'smtp.strict.example': [lab.addresses.ownerRelay],
      'pool.evil.example': evil.slice(0, 20),
      ...Object.fromEntries(evil.map((address, index) => [`s${index}.evil.example`, [address]])),
      'late.other.example': [lab.addresses.laptopRelay],
      'doctor.private.example': ['192.0.2.2'],
      'ready.example': ['192.0.2.1'],
    });
  });

  afterAll(() => lab?.stop());

  describe('a file', () => {
    let record: string;

    beforeAll(async () => {
      resolver = await dns.start(log);
      record = join(lab.dir, 'inputs.jsonl');
      guard = await startGuard(lab, { record, main: { dns_log: log, mail_domain: ['isp.example'] } });
    });

    test('a printer at its access provider’s relay with 12 addresses in 12 networks is left alone', async () => {
      await expect.poll(dns.answers, { timeout: 10_000 }).toBe(true);
      const relays = (await dns.ask('printer', 'relay.isp.example')).filter((one) => !one.includes(':'));
      expect(relays).toHaveLength(12);
      const printer = await lab.actor('printer', 'printer', {
        ...{ ...mails, everyMs: 500, relays, count: 18, from: 'printer@home.example' },
      });
      expect(await printer.done).toMatchObject({ accepted: 18, errors: {} });
      const device = await ask(guard, 'device', who('printer'));
      expect(device).toMatchObject({ refused: 0, connections: 18 });
      expect(device.score).toBeLessThan(4.6);
      expect(await ask(guard, 'incidents')).toMatchObject({ incidents: [] });
    });

    test('a bot that leads 48 servers to one name of its own is held as ever, and its domain is shown', async () => {
      const names = Array.from({ length: 48 }, (_, index) => `s${index}.evil.example`);
      const targets = await dns.ask('tv', 'pool.evil.example', ...names);
      expect(new Set(targets).size).toBe(48);
      const bot = await lab.actor('tv', 'direct-mx-bot', {
        ...{ targets: [...new Set(targets)], durationS: 6, from: 'bot@home.example' },
      });
      expect((await bot.done).accepted).toBeLessThanOrEqual(2);
      const device = await ask(guard, 'device', { ...who('tv'), why: true });
      expect(['restricted', 'blocked']).toContain(device.state);
      expect(device.why[0]).toMatch(/new mail server [\d.]+:25 \(evil\.example\), first time/);
    });

    test('the log is moved away and begun anew', async () => {
      renameSync(log, `${log}.1`);
      await resolver.kill('SIGUSR2');
      await expect.poll(() => lab.exec('router', ['test', '-e', log]).then(({ code }) => code)).toBe(0);
      const [server = ''] = await dns.ask('laptop', 'late.other.example', 'doctor.private.example');
      // It is looked for every two seconds.
      await new Promise((resolve) => setTimeout(resolve, 2500));
      const mail = { relays: [server], count: 1, port: 587, from: 'laptop@home.example' };
      await (await lab.actor('laptop', 'laptop-mail', { ...mails, ...mail })).done;
      const { why } = await ask(guard, 'device', { ...who('laptop'), why: true });
      expect(why[0]).toContain(`${server}:587 (other.example)`);
    });

    test('where there is none any more, the status says so, and the guard goes on', async () => {
      await resolver.stop();
      renameSync(log, `${log}.2`);
      await expect
        .poll(async () => (await ask(guard, 'status')).degraded.map(({ code }) => code), { timeout: 8000 })
        .toContain('no_dns_log');
      await guard.stop();
    });

    test('a recording of all this names the domains that were mailed to, and nothing else that was looked up', () => {
      expect(readFileSync(`${log}.2`, 'utf8')).toContain('doctor.private.example');
      const inputs = readFileSync(record, 'utf8');
      expect(inputs).toContain('"domain":"other.example"');
      expect(inputs).not.toMatch(/private\.example|ready\.example|s0\.evil/);
    });
  });

  describe('a FIFO', () => {
    let fifo: string;

    beforeAll(async () => {
      fifo = join(lab.dir, 'dns.fifo');
      await lab.run('router', ['mkfifo', fifo]);
    });

    test('a resolver waits at its start until somebody reads, and for no longer', async () => {
      resolver = await dns.start(fifo, 'extra');
      expect(await dns.answers()).toBe(false);
      guard = await startGuard(lab, {
        ...{ name: 'second', main: { dns_log: fifo } },
        devices: [{ mac: lab.devices.camera.mac, class: 'iot', relay: ['smtp.strict.example:25'] }],
      });
      await expect.poll(dns.answers, { timeout: 10_000 }).toBe(true);
    });

    test('a relay by name is open to a strict device as soon as the router gave out its address', async () => {
      const [relay = ''] = await dns.ask('camera', 'smtp.strict.example');
      const mail = { relays: [relay], count: 1, port: 25, from: 'camera@home.example' };
      await expect
        .poll(
          async () =>
            (await (await lab.actor('camera', 'camera-alarm', { ...mails, ...mail })).done).accepted,
        )
        .toBe(1);
      expect(await lab.nft('list', 'table', 'inet', 'postern')).toContain(relay);
    });

    test('DNS goes on while the daemon is dead; when it is back, USR2 makes dnsmasq write again', async () => {
      await guard.process.kill('SIGKILL');
      await guard.process.exited;
      expect(await dns.ask('phone', ...Array(20).fill('late.other.example'))).toHaveLength(20);
      await guard.restart();
      await resolver.kill('SIGUSR2');
      const [server = ''] = await dns.ask('phone', 'late.other.example');
      const mail = { relays: [server], count: 1, port: 587, from: 'phone@home.example' };
      await (await lab.actor('phone', 'laptop-mail', { ...mails, ...mail })).done;
      const { why } = await ask(guard, 'device', { ...who('phone'), why: true });
      expect(why[0]).toContain(`${server}:587 (other.example)`);
    });

    test('the resolver starts anew', async () => {
      resolver = await dns.start(fifo);
      await expect.poll(dns.answers, { timeout: 10_000 }).toBe(true);
      await dns.ask('laptop', 's0.evil.example');
      const [server = ''] = lab.addresses.spread4.slice(12);
      await (await lab.actor('laptop', 'direct-mx-bot', { targets: [server], maxMessages: 1, durationS: 3 }))
        .done;
      const { why } = await ask(guard, 'device', { ...who('laptop'), why: true });
      expect(why.join('\n')).toContain(`${server}:25 (evil.example)`);
    });
  });
});
