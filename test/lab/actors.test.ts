import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeLab } from './describe-lab.ts';
import { type Lab, startLab } from './lab.ts';

let lab: Lab;

describeLab('actors in the lab', () => {
  beforeAll(async () => {
    lab = await startLab({ delayMs: 5 });
  });

  afterAll(() => lab?.stop());

  beforeEach(() => lab.sink.reset());

  test.each([
    ['STARTTLS and a login', 587],
    ['TLS from the start', 465],
    ['port 2525', 2525],
  ])('a mail client delivers with %s', async (_how, port) => {
    const args = { relays: [lab.names.laptopRelay.name], port, everyMs: 200, count: 2, durationS: 5 };
    expect((await (await lab.actor('laptop', 'laptop-mail', args)).done).accepted).toBe(2);
    expect((await lab.sink.counts()).byPort).toEqual({ [String(port)]: 2 });
  });

  test('a camera keeps to its one relay, a printer takes the relay of its ISP in turn', async () => {
    const { ownerRelay, ispRelay4 } = lab.addresses;
    const alarm = await lab.actor('camera', 'camera-alarm', {
      relays: [ownerRelay],
      everyMs: 200,
      count: 3,
      durationS: 5,
    });
    const printer = await lab.actor('printer', 'printer', {
      relays: ispRelay4,
      everyMs: 50,
      count: 12,
      durationS: 5,
    });
    await Promise.all([alarm.done, printer.done]);
    const expected = { [ownerRelay]: 3, ...Object.fromEntries(ispRelay4.map((address) => [address, 1])) };
    expect((await lab.sink.counts()).byDestination).toEqual(expected);
  });

  test.each([false, true])('one session carries many messages (STARTTLS: %s)', async (startTls) => {
    const args = {
      target: lab.addresses.ownerRelay,
      port: startTls ? 587 : 25,
      startTls,
      messages: 50,
      durationS: 10,
    };
    expect(await (await lab.actor('tv', 'one-session-bot', args)).done).toMatchObject({
      attempts: 1,
      accepted: 50,
    });
    expect(await lab.sink.counts()).toMatchObject({ total: 50, connections: 1 });
  });

  test('a large attachment arrives whole', async () => {
    const args = { relays: [lab.addresses.ownerRelay6], attachmentBytes: 20_000_000, durationS: 20 };
    expect((await (await lab.actor('phone', 'attachment', args)).done).accepted).toBe(1);
    expect((await lab.sink.counts()).bytes).toBeGreaterThan(20_000_000);
  }, 25_000);

  test('a download runs at its pace, and says when it was cut; so does a live session', async () => {
    const whole = await lab.actor('tv', 'download', {
      host: lab.addresses.web6,
      bytes: 300_000,
      bytesPerS: 300_000,
      durationS: 5,
    });
    const cut = await lab.actor('camera', 'download', {
      host: lab.addresses.web4,
      bytes: 9_000_000,
      bytesPerS: 1_000_000,
      durationS: 8,
    });
    const live = await lab.actor('camera', 'live-session', {
      target: lab.addresses.ownerRelay,
      durationS: 8,
    });
    await live.process.waitForLine(/"accepted":[1-9]/);
    const cutAtMs = Date.now();
    await lab.nft(
      'insert rule inet fw4 forward ip saddr 192.168.1.20 meta l4proto tcp reject with tcp reset',
    );
    const session = await live.done;
    expect(session).toMatchObject({ resets: 1, errors: { ECONNRESET: 1 } });
    expect(session.lastResetAtMs - cutAtMs).toBeLessThan(1000);
    expect(await cut.done).toMatchObject({ complete: false, interrupted: true, error: 'ECONNRESET' });
    expect(await whole.done).toMatchObject({ complete: true, interrupted: false, bytesReceived: 300_000 });
    await lab.nft('-f', `${process.cwd()}/test/lab/fw4.nft`);
  }, 15_000);

  test('a bot changes its MAC and addresses and goes on', async () => {
    const args = {
      targets: lab.addresses.google4,
      everyMs: 700,
      alsoAddresses: true,
      ratePerS: 40,
      durationS: 3,
    };
    const bot = await lab.actor('visitor', 'mac-changer', args);
    const stats = await bot.done;
    expect(new Set(stats.macs).size).toBeGreaterThanOrEqual(3);
    expect(stats.lastAcceptedAtMs - stats.startedAtMs).toBeGreaterThan(2500);
    expect(stats.errors).toEqual({});
  });

  test('floods reach 5,000 a second, and stop at their bound', async () => {
    const connections = { host: lab.addresses.closed4, rate: 5000, durationS: 1 };
    const scan = await (await lab.actor('tv', 'connection-flood', connections)).done;
    expect(scan.ratePerS).toBeGreaterThan(4000);
    expect(scan.refused).toBe(scan.attempts);
    const gatewayMac = lab.networks[0]?.mac ?? '';
    const targets = [lab.addresses.closed4, lab.addresses.closed6];
    await lab.nft(
      'add table inet probe; add set inet probe macs { type ether_addr; flags dynamic; size 9000; timeout 1m; };' +
        'add chain inet probe seen { type filter hook forward priority -50; };' +
        'add rule inet probe seen tcp dport 25 update @macs { ether saddr }',
    );
    const spoofed = await (
      await lab.actor('laptop', 'spoof-flood', { gatewayMac, targets, count: 6000, durationS: 5 })
    ).done;
    expect(spoofed).toMatchObject({ attempts: 6000, lost: 0 });
    await sleep(50);
    const seen = await lab.nft('list', 'set', 'inet', 'probe', 'macs');
    expect(seen.match(/(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/g)?.length).toBeGreaterThan(5900);
  });

  test('mail inside the home needs no internet', async () => {
    const inside = await lab.startSink('mailserver', [25, 587]);
    const { ip4, ip6 } = lab.devices.mailserver;
    const args = { targets: [ip4, ip6], maxMessages: 10, durationS: 5 };
    expect((await (await lab.actor('laptop', 'direct-mx-bot', args)).done).accepted).toBe(10);
    expect((await inside.counts()).byDestination).toEqual({ [ip4]: 5, [ip6]: 5 });
    expect((await lab.sink.counts()).total).toBe(0);
    await inside.stop();
  });

  test('the broker can be restarted under a subscriber', async () => {
    await lab.broker.start({ user: { name: 'postern', password: 'secret' }, tls: true });
    const subscriber = await lab.broker.listen('home/#');
    const publish = (payload: string) =>
      lab.run('router', [
        'mosquitto_pub',
        '-u',
        'postern',
        '-P',
        'secret',
        '-t',
        'home/x',
        '-q',
        '1',
        '-r',
        '-m',
        payload,
      ]);
    await publish('first');
    await expect.poll(() => subscriber.messages.map(({ payload }) => payload)).toEqual(['first']);
    await lab.broker.stop('SIGKILL');
    await lab.broker.start({ user: { name: 'postern', password: 'secret' } });
    await publish('second');
    await expect
      .poll(() => subscriber.messages.at(-1), { timeout: 5000 })
      .toMatchObject({ payload: 'second', topic: 'home/x' });
    await subscriber.stop();
    await lab.broker.stop();
  }, 15_000);
});
