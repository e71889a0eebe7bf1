import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import type { DeviceName } from '../lab/home.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { labFile } from '../lab/root.ts';
import { ask } from './ask.ts';
import { freshGuard } from './bots.ts';
import type { Guard } from './guard.ts';

let lab: Lab;
let guard: Guard;

describeLab('the router itself', () => {
  beforeAll(async () => {
    lab = await startLab();
    guard = await freshGuard(lab);
  });
  afterAll(async () => {
    await guard?.stop();
    await lab?.stop();
  });

  test('is told when it sends spam, and not refused', async () => {
    const bot = await lab.actor('router', 'direct-mx-bot', {
      ...{ targets: lab.addresses.spread4, durationS: 3, ratePerS: 10, from: 'router@bot.example' },
    });
    const { accepted, errors } = await bot.done;
    const { incidents } = await ask(guard, 'incidents');
    expect(incidents.map(({ device }) => device)).toEqual(['router']);
    expect(incidents[0]?.steps.map(({ type }) => type)).toEqual(['opened', 'told']);
    expect(incidents[0]?.steps.at(-1)?.text).toContain('It is the router itself');
    expect(errors).toEqual({});
    expect(accepted).toBeGreaterThan(20);
  });

  /** What a device reaches on the internet: a web server, a UDP port (the kernel says that it is closed), an echo. */
  const outward = async (name: DeviceName): Promise<readonly string[]> => {
    const hosts = [lab.addresses.web4, lab.addresses.web6];
    const probes = hosts.flatMap((host) => [`tcp,${host},80`, `udp,${host},53`]);
    const echoes = hosts.map((host) => lab.exec(name, ['busybox', 'ping', '-c', '1', '-W', '1', host]));
    const answers = (await Promise.all(echoes)).map(({ code }) => (code === 0 ? 'echo' : 'no echo'));
    return [...(await probe(lab, name, probes)), ...answers];
  };
  const reset = 'Connection refused';
  const open = ['open', reset, 'open', reset, 'echo', 'echo'];
  // Prohibited, as ICMP and ICMPv6 say it.
  const shut = [reset, 'No route to host', reset, 'Permission denied', 'no echo', 'no echo'];

  test('gives quarantined devices names and leases as ever, while nothing of them leaves the home', async () => {
    const { camera, laptop, visitor, roadwarrior } = lab.devices;
    const { web4, web6 } = lab.addresses;
    /** One by MAC, and one by its addresses, since it has none; with the router's addresses there. */
    const cutOff = [
      ['camera', [camera.mac], ['192.168.1.1', '2001:db8:1::1']],
      ['roadwarrior', [roadwarrior.ip4, roadwarrior.ip6], ['10.8.0.1', '2001:db8:8::1']],
    ] as const;
    const slow = { bytes: 20_000_000, bytesPerS: 500_000, durationS: 10 };
    const downloads = await Promise.all(
      cutOff.flatMap(([name]) => [web4, web6].map((host) => lab.actor(name, 'download', { ...slow, host }))),
    );
    for (const one of downloads)
      await expect.poll(() => one.stats()?.bytesReceived ?? 0, { timeout: 5000 }).toBeGreaterThan(0);
    expect(await Promise.all(cutOff.map(([name]) => outward(name)))).toEqual([open, open]);

    for (const device of cutOff.flatMap(([, keys]) => keys))
      expect(await ask(guard, 'quarantine', { device })).toMatchObject({ state: 'quarantined' });
    for (const one of downloads) expect(await one.done).toMatchObject({ complete: false, interrupted: true });
    expect(await Promise.all(cutOff.map(([name]) => outward(name)))).toEqual([shut, shut]);
    expect(await outward('laptop')).toEqual(open);

    // The router's dnsmasq: a lease asked for anew, names over both families, by TCP as well.
    expect(await lease(lab, 'camera')).toContain(`lease of ${camera.ip4} obtained`);
    for (const [name, , servers] of cutOff) {
      for (const server of servers) expect(await lookUp(lab, name, server)).toContain(web4);
      expect(
        await probe(
          lab,
          name,
          servers.map((server) => `tcp,${server},53`),
        ),
      ).toEqual(['open', 'open']);
    }
    // Within the home nothing changes: on one bridge the router sees nothing of it, between networks the firewall decides.
    const inside = [laptop, visitor].flatMap(({ ip4, ip6 }) => [ip4, ip6]);
    expect(
      await probe(
        lab,
        'camera',
        inside.map((address) => `udp,${address},9`),
      ),
    ).toEqual(inside.map(() => reset));
  });
});

const probing = `
use IO::Socket::IP; use IO::Select;
for (@ARGV) {
  my ($proto, $host, $port) = split /,/;
  my $socket = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port, Proto => $proto, Timeout => 2);
  my $said = $socket ? 'open' : "$!";
  if ($socket && $proto eq 'udp') {
    $socket->send('x');
    $said = IO::Select->new($socket)->can_read(1) && !defined $socket->recv(my $answer, 9) ? "$!" : 'nothing';
  }
  print "$said\\n";
}`;

/** What comes of each `tcp,ADDRESS,PORT` or `udp,ADDRESS,PORT`, in the C library's words. */
async function probe(home: Lab, name: DeviceName, each: readonly string[]): Promise<string[]> {
  return (await home.run(name, ['perl', '-e', probing, ...each])).trim().split('\n');
}

async function lookUp(home: Lab, name: DeviceName, server: string): Promise<string> {
  return home.run(name, ['busybox', 'nslookup', home.names.web.name, server]);
}

/** Asks for a lease by broadcast, as a device does that comes back. */
async function lease(home: Lab, name: DeviceName): Promise<string> {
  const { iface, hostname } = home.devices[name];
  const client = ['busybox', 'udhcpc', '-f', '-q', '-n', '-t', '3', '-T', '1', '-i', iface];
  const { stdout, stderr } = await home.exec(name, [
    ...[...client, '-s', labFile('dhcp-client.sh'), '-x', `hostname:${hostname}`],
  ]);
  return stdout + stderr;
}
