import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { freshGuard, infect } from './bots.ts';
import type { Guard } from './guard.ts';

let lab: Lab;
let guard: Guard;

const phone = () => ({ device: lab.devices.phone.mac });
const codes = async () => (await ask(guard, 'status')).degraded.map(({ code }) => code);
const eventually = { timeout: 20_000, interval: 250 };
/** What the provider lets fall, of all that comes (iifname) and goes (oifname). ARP is answered, as by a modem. */
const drop = (...rules: readonly string[]) => {
  const chain = (hook: string, match: string) =>
    `chain ${hook} { type filter hook ${hook} priority -300; ${rules
      .filter((rule) => rule.startsWith(match))
      .map((rule) => `${rule} drop;`)
      .join(' ')} }`;
  const chains = [chain('prerouting', 'iifname'), chain('output', 'oifname')];
  return lab.run('internet', ['nft', `table inet provider { ${chains.join('; ')}; }`]);
};
const everything = ['iifname eth0', 'oifname eth0'];
const restore = () => lab.run('internet', ['nft', 'add table inet provider; delete table inet provider']);
const retry = (host: 'phone' | 'laptop' | 'visitor', everyMs: number, durationS: number) =>
  lab.actor(host, 'laptop-mail', {
    ...{ relays: lab.addresses.spread4.slice(0, 12), everyMs, durationS, from: `${host}@home.example` },
  });

/** A phone that mailed through two of its accounts and knows them, and waited for one that did not answer. */
async function usePhone(): Promise<number> {
  const [one, two, dead] = lab.addresses.spread4;
  await lab.sink.set({ behave: { [dead ?? '']: 'drop' } });
  const film = await lab.actor('tv', 'download', {
    ...{ host: lab.addresses.web4, bytes: 4_000_000, bytesPerS: 100_000, durationS: 40 },
  });
  for (const relay of [one, two, dead]) {
    const mail = { relays: [relay ?? ''], count: 1, durationS: 10, from: 'phone@home.example' };
    await (await lab.actor('phone', 'laptop-mail', mail)).done;
  }
  await expect.poll(async () => (await ask(guard, 'device', phone())).relays.length, eventually).toBe(2);
  await expect.poll(async () => (await ask(guard, 'device', phone())).score, eventually).toBeGreaterThan(1);
  await film.stop();
  return (await ask(guard, 'device', phone())).score;
}

describeLab('an outage of the line', () => {
  // One guard for all, since each outage is over before the next; each test has devices of its own.
  beforeAll(async () => {
    lab = await startLab();
    guard = await freshGuard(lab);
    // The counter is looked for every 10 s until something arrived.
    const film = await lab.actor('tv', 'download', { host: lab.addresses.web4, bytes: 10_000, durationS: 5 });
    expect((await film.done).complete).toBe(true);
    await sleep(11_000);
  });
  afterEach(restore);
  afterAll(async () => {
    await guard?.stop();
    await lab?.stop();
  });

  test('the link is down: told within seconds, and nothing counts', async () => {
    await lab.run('internet', ['ip', 'link', 'set', 'eth0', 'down']);
    await expect.poll(codes, { timeout: 8000 }).toContain('wan_down');
    const { attempts } = await (await retry('visitor', 1500, 12)).done;
    expect(attempts).toBeGreaterThan(5);
    expect(await ask(guard, 'devices')).toSatisfy(({ devices }: { devices: { score: number }[] }) =>
      devices.every(({ score }) => score === 0),
    );
    await lab.run('internet', ['ip', 'link', 'set', 'eth0', 'up']);
    await expect.poll(codes, { timeout: 8000 }).toContain('wan_down');
    await (await retry('visitor', 1000, 6)).done;
    await expect.poll(codes, eventually).not.toContain('wan_down');
    expect(await ask(guard, 'incidents')).toMatchObject({ incidents: [] });
  });

  test('the provider is silent: a phone with 12 accounts retries, and its score is what it was', async () => {
    const score = await usePhone();
    await drop(...everything);
    const trying = await retry('phone', 1200, 21);
    await expect.poll(codes, eventually).toContain('wan_down');
    const { attempts, accepted } = await trying.done;
    expect(attempts).toBeGreaterThan(15);
    expect(accepted).toBe(0);
    expect(await codes()).toContain('wan_down');
    const device = await ask(guard, 'device', { ...phone(), why: true });
    console.log(`score ${score} before, ${device.score} after ${attempts} attempts`);
    expect(device.score).toBeCloseTo(score, 1);
    expect(device.connections).toBeGreaterThan(15);
    expect(device.why.at(-1)).toContain('the internet was down');
    // It ends with the next answer to anybody.
    await restore();
    await (
      await lab.actor('phone', 'laptop-mail', {
        ...{ relays: lab.addresses.spread4.slice(0, 1), count: 1, durationS: 10, from: 'phone@home.example' },
      })
    ).done;
    await expect.poll(codes, eventually).not.toContain('wan_down');
    expect(await ask(guard, 'incidents')).toMatchObject({ incidents: [] });
    expect((await ask(guard, 'device', phone())).relays).toHaveLength(2);
  });

  test('what the first seconds did to a laptop is undone, and told', async () => {
    await drop(...everything);
    // An impatient one: all accounts within 3 s, again and again.
    const trying = await retry('laptop', 250, 12);
    const { mac } = lab.devices.laptop;
    await guard.until(mac, ({ state }) => state === 'restricted', 15_000);
    await guard.until(mac, ({ state }) => state === 'normal', 15_000);
    await trying.done;
    await restore();
    const { incidents } = await ask(guard, 'incidents');
    const types = incidents[0]?.steps.map(({ type }) => type) ?? [];
    expect([...types.slice(0, 2), ...types.slice(-2)]).toEqual([
      ...['opened', 'restricted', 'released', 'closed'],
    ]);
    expect(incidents[0]?.steps.at(-2)?.text).toContain('The internet was down');
    expect((await ask(guard, 'device', { device: mac })).score).toBe(0);
    expect(await lab.nft('list', 'set', 'inet', 'postern', 'restricted_mac')).not.toContain(mac);
  });

  test('the provider drops port 25 only, and others are answered: a bot is caught as ever', async () => {
    await drop('iifname eth0 tcp dport 25');
    const film = await lab.actor('tv', 'download', {
      ...{ host: lab.addresses.web4, bytes: 4_000_000, bytesPerS: 100_000, durationS: 60 },
    });
    await infect(lab, 'camera', '4', { ratePerS: 1, durationS: 30 });
    const { mac } = lab.devices.camera;
    await guard.until(mac, ({ state }) => state === 'restricted', 10_000);
    await guard.until(mac, ({ state }) => state === 'blocked', 30_000);
    await sleep(12_000);
    expect(await codes()).not.toContain('wan_down');
    expect(await ask(guard, 'device', { device: mac })).toMatchObject({ state: 'blocked' });
    await film.stop();
    await restore();
  });

  test('the same in a home where all else sleeps: the router asks, and the answer proves the line', async () => {
    const resolver = '198.51.100.53';
    const file = join(lab.dir, 'resolv.conf');
    writeFileSync(file, `nameserver ${resolver}\n`);
    await lab.run('router', ['mount', '--bind', file, '/etc/resolv.conf']);
    const args = ['--keep-in-foreground', '--no-resolv', '--no-hosts', '--bind-interfaces', '--pid-file='];
    const dns = lab.spawn('internet', [
      'dnsmasq',
      ...args,
      `--listen-address=${resolver}`,
      '--conf-file=/dev/null',
    ]);
    try {
      await drop('iifname eth0 tcp dport 25');
      // One try every 13 s: each is alone for long enough to be taken for an outage.
      await infect(lab, 'printer', '4', { ratePerS: 1 / 13, durationS: 30 });
      const { mac } = lab.devices.printer;
      await guard.until(mac, ({ state }) => state === 'restricted', 30_000);
      await sleep(14_000);
      expect(await codes()).not.toContain('wan_down');
      expect((await ask(guard, 'device', { device: mac })).state).toMatch(/^(?:restricted|blocked)$/);
    } finally {
      await restore();
      await dns.stop();
      await lab.run('router', ['umount', '/etc/resolv.conf']);
    }
  });
});
