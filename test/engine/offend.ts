import { servers, tv, type World } from './world.ts';

/** Two strange servers, the handshake completed: a full restrict. */
export function offend(home: World, from = 0): void {
  home.refresh();
  for (const server of servers.slice(from, from + 2)) {
    const flow = home.open(tv.address, server);
    home.give({
      type: 'flow',
      flow: { ...flow, kind: 'update', tcpState: 'ESTABLISHED', replied: true, assured: true },
    });
  }
}
