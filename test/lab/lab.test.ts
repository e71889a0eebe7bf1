import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeLab } from './describe-lab.ts';
import { type Lab, startLab } from './lab.ts';

let lab: Lab;

describeLab('the lab', () => {
  let readyMs = 0;

  beforeAll(async () => {
    const startedAt = performance.now();
    lab = await startLab();
    readyMs = performance.now() - startedAt;
  });

  afterAll(() => lab?.stop());

  test('is ready within three seconds', () => {
    expect(readyMs).toBeLessThan(3000);
  });

  test('has a lease for every Ethernet device, with its hostname', () => {
    const leases = readFileSync(lab.leasesFile, 'utf8');
    for (const { mac, ip4, hostname } of Object.values(lab.devices).filter((device) => device.mac !== '')) {
      expect(leases).toMatch(new RegExp(`^\\d+ ${mac} ${ip4} ${hostname} `, 'm'));
    }
  });

  test.each(['spread4', 'spread6'] as const)(
    'lets an unguarded bot deliver to 60 servers: %s',
    async (list) => {
      await lab.sink.reset();
      const targets = lab.addresses[list];
      const from = `${list}@bot.example`;
      const bot = await lab.actor('camera', 'direct-mx-bot', { targets, from, durationS: 3 });
      const stats = await bot.done;
      const counts = await lab.sink.counts();
      expect(counts.total).toBeGreaterThan(100);
      expect(counts.total).toBeGreaterThanOrEqual(stats.accepted);
      expect(counts.bySender).toEqual({ [from]: counts.total });
      expect(Object.keys(counts.byDestination).sort()).toEqual([...targets].sort());
      const accepted = await lab.sink.accepted();
      expect(accepted).toHaveLength(counts.total);
      expect(accepted.every(({ atMs }) => atMs >= stats.startedAtMs && atMs <= Date.now())).toBe(true);
    },
  );

  test('lets a bot that does not wait for replies deliver', async () => {
    await lab.sink.reset();
    const args = { targets: lab.addresses.spread4, impatient: true, maxMessages: 60, durationS: 5 };
    const stats = await (await lab.actor('tv', 'direct-mx-bot', args)).done;
    expect(stats).toMatchObject({ attempts: 60, accepted: 60, errors: {} });
    expect((await lab.sink.counts()).total).toBe(60);
  });

  test('keeps to the delay before every reply', async () => {
    await lab.sink.reset();
    await lab.sink.set({ delayMs: 100 });
    const args = { targets: [lab.addresses.web4], maxMessages: 1, workers: 1, durationS: 5 };
    const { startedAtMs, lastAcceptedAtMs } = await (await lab.actor('tv', 'direct-mx-bot', args)).done;
    await lab.sink.set({ delayMs: 20 });
    // Greeting, EHLO, MAIL, RCPT, DATA and the message.
    expect(lastAcceptedAtMs - startedAtMs).toBeGreaterThanOrEqual(6 * 99);
  });

  test('has a network whose frames carry no MAC', async () => {
    await lab.sink.reset();
    await lab.nft(
      'add table inet probe; add chain inet probe seen { type filter hook forward priority -50; };' +
        'add rule inet probe seen iifname "tun0" meta iiftype != ether meta nfproto ipv4 tcp dport 25 counter;' +
        'add rule inet probe seen iifname "tun0" meta iiftype != ether meta nfproto ipv6 tcp dport 25 counter;' +
        'add rule inet probe seen iifname "tun0" meta iiftype ether counter',
    );
    const targets = [...lab.addresses.google4, ...lab.addresses.google6];
    const args = { targets, maxMessages: 120, durationS: 5 };
    expect((await (await lab.actor('roadwarrior', 'direct-mx-bot', args)).done).accepted).toBe(120);
    const listing = await lab.nft('list', 'table', 'inet', 'probe');
    const packets = [...listing.matchAll(/counter packets (\d+)/g)].map((match) => Number(match[1]));
    expect(packets[0]).toBeGreaterThan(60);
    expect(packets[1]).toBeGreaterThan(60);
    expect(packets[2]).toBe(0);
    await lab.nft('delete table inet probe');
  });

  test('accepts, fails for now, fails for good, refuses and drops by address', async () => {
    await lab.sink.reset();
    const [one = '', two = '', three = ''] = lab.addresses.spread4;
    const [four = '', five = ''] = lab.addresses.spread6;
    await lab.sink.set({
      behave: { [one]: 'tempfail', [two]: 'permfail', [three]: 'refuse', [four]: 'drop' },
    });
    const args = { targets: [one, two, three, four, five], maxMessages: 10, workers: 5, durationS: 10 };
    const stats = await (await lab.actor('laptop', 'direct-mx-bot', args)).done;
    expect(stats.errors).toEqual({ '451': 2, '550': 2, ECONNREFUSED: 2, timeout: 2 });
    expect((await lab.sink.counts()).byDestination).toEqual({ [five]: 2 });
    await lab.sink.reset();
    const again = { targets: [three, four], maxMessages: 2, durationS: 5 };
    expect((await (await lab.actor('laptop', 'direct-mx-bot', again)).done).accepted).toBe(2);
  }, 15_000);
});
