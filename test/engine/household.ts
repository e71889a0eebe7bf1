import { keyOfMac } from '../../daemon/address/device-key.ts';
import { type Mac, parseMac } from '../../daemon/address/mac.ts';
import type { MailPort } from '../../daemon/conntrack/flow.ts';
import { answer } from './line.ts';
import { servers, type World, world } from './world.ts';

const hourMs = 3_600_000;

/** One of many devices: its MAC and its address. */
export function resident(index: number): { readonly mac: Mac; readonly address: string } {
  const tail = [index >> 8, index & 255].map((octet) => octet.toString(16).padStart(2, '0')).join(':');
  const mac = parseMac(`ec:71:db:5e:${tail}`);
  if (!mac) throw new Error('no MAC');
  return { mac, address: `192.168.1.${index}`.replace(/\d+$/, (host) => String((Number(host) % 250) + 2)) };
}

/** A mail through a relay that takes it. */
export function mail(home: World, src: string, server: string, port: MailPort = 587): void {
  const flow = home.open(src, server, port);
  answer(home, flow);
  const seen = { ...flow, replied: true, assured: true };
  home.give({ type: 'flow', flow: { ...seen, kind: 'update', tcpState: 'ESTABLISHED' } });
  const counters = { out: { packets: 25, bytes: 3600 }, back: { packets: 23, bytes: 2400 } };
  home.give({ type: 'flow', flow: { ...seen, ...counters, kind: 'destroy', tcpState: 'TIME_WAIT' } });
}

/**
 * A home of so many devices that mail, a month old: half of them things with one relay, a quarter phones with two and one
 * that no longer answers, the rest with three; one in fifty was held before, and one in fifty is a bot, with its incident.
 */
export function household(count: number): World {
  const home = world();
  const devices = Array.from({ length: count }, (_, index) => ({ index, ...resident(index) }));
  const identify = () =>
    home.give({
      type: 'neighbours',
      neighbours: devices.map(({ mac, address }) => ({ mac, address, interface: 'br-lan', fresh: true })),
    });
  const relay = (index: number, which: number) => servers[(7 * index + which) % 40] ?? '';
  for (let day = 0; day < 3; day++) {
    identify();
    for (const { index, address } of devices) {
      const relays = index % 4 === 0 ? 3 : index % 4 === 1 ? 2 : 1;
      for (let which = 0; which < relays; which++) mail(home, address, relay(index, which));
      if (relays === 2) home.open(address, servers[41 + (index % 5)] ?? '', 587);
    }
    home.nowMs += 24 * hourMs;
    home.give({ type: 'tick' });
  }
  identify();
  for (const { index, address, mac } of devices.filter(({ index: one }) => one % 50 === 7)) {
    home.ask('block', { device: mac, for: '1h' });
    home.ask('release', { device: mac, for: '10m' });
    mail(home, address, relay(index, 0));
  }
  for (const { address, mac } of devices.filter(({ index }) => index % 50 === 9)) {
    for (const server of servers.slice(46, 52)) answer(home, home.open(address, server));
    const attempts = servers
      .slice(46, 60)
      .map((dst) => ({ key: keyOfMac(mac), dst, port: 25 as const, attempts: 30 }));
    home.give({ type: 'sets', reading: { attempts, overruns: [], full: [] } });
  }
  return home;
}
