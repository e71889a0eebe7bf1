import type { DeviceKey } from '../../daemon/address/device-key.ts';
import type { DeviceDocument } from '../../daemon/engine/documents.ts';
import { answer } from './line.ts';
import { mac, servers, type World, world } from './world.ts';

export const extender = { mac: mac('30:05:5c:00:00:09') };
export const inside = {
  camera: '192.168.1.54',
  phone: '192.168.1.52',
  laptop: '192.168.1.51',
  tablet: '192.168.1.53',
};
export const all = [...Object.values(inside), '192.168.1.50'];
export const own = mac('ec:71:db:00:00:54');

export const neighbours = (home: World, addresses: readonly string[], owner = extender.mac) =>
  home.give({
    type: 'neighbours',
    neighbours: addresses.map((address) => ({ mac: owner, address, interface: 'br-lan', fresh: true })),
  });

/** Five devices behind one MAC; the extender leaves the MAC in the camera's request for a lease as it was. */
export function behindExtender(changes: Parameters<typeof world>[0] = {}): World {
  const home = world(changes);
  home.give({
    type: 'leases',
    leases: [
      { mac: own, address: inside.camera, hostname: 'garden-cam' },
      { mac: extender.mac, address: inside.phone, hostname: 'pixel-8' },
      { mac: extender.mac, address: inside.laptop, hostname: 'annas-laptop' },
    ],
  });
  neighbours(home, all);
  home.effects.length = 0;
  return home;
}

export function deliver(home: World, src: string, server: string): void {
  const flow = home.open(src, server, 587);
  answer(home, flow);
  const counters = { out: { packets: 25, bytes: 3600 }, back: { packets: 23, bytes: 2400 } };
  home.give({ type: 'flow', flow: { ...flow, ...counters, kind: 'destroy', replied: true, assured: true } });
}

/** Spam to so many servers, with a completed handshake. */
export function spam(home: World, src: string, count: number): void {
  for (const server of servers.slice(0, count)) {
    const flow = home.open(src, server);
    home.give({ type: 'flow', flow: { ...flow, kind: 'update', replied: true, assured: true } });
  }
}

export const at = (home: World, key: string) => home.state.records.get(key as DeviceKey);
export const holdOf = (home: World, key: string) => at(home, key)?.ban?.hold;
export const texts = (home: World) =>
  home.effects.flatMap((effect) => (effect.type === 'event' ? [effect.document.text] : []));

export function documentOf(home: World, device: string): DeviceDocument {
  const answered = home.ask('device', { device });
  if (!answered.ok) throw new Error(answered.error.message);
  return answered.data as DeviceDocument;
}

export const never = (): never => {
  throw new Error('no record');
};
