import type { DeviceDocument, EventDocument, StatusDocument } from '../../daemon/engine/documents.ts';
import { deviceDocument, statusDocument } from '../../daemon/engine/views.ts';
import { keyOf, laptop, servers, startWallMs, tv, world } from '../engine/world.ts';

/** What a node has to say: of its state, and of one incident from its beginning to its end. */
export interface Home {
  readonly status: StatusDocument;
  readonly devices: readonly DeviceDocument[];
  readonly events: readonly EventDocument[];
}

/** The engine's own words about a home in which a bot is held, tries on, and is released. */
export function makeHome(): Home {
  const made = world();
  for (let mail = 0; mail < 3; mail++) {
    made.open(laptop.address, servers[40] ?? '', 587, { replied: true, assured: true });
    made.pass(60_000);
  }
  for (const server of servers.slice(0, 20)) made.open(tv.address, server);
  made.give({ type: 'verified', device: keyOf(tv), moving: [], ended: 0 });
  for (const attempts of [10, 100, 1000, 10_000]) {
    const row = { key: keyOf(tv), dst: servers[0] ?? '', port: 25, attempts } as const;
    made.give({ type: 'sets', reading: { attempts: [row], overruns: [], full: [] } });
    made.pass(30_000);
  }
  made.pass(700_000);
  const view = {
    state: made.state,
    at: { nowMs: made.nowMs, wallMs: startWallMs + made.nowMs - 1_000_000 },
  };
  const home = {
    status: statusDocument(view),
    devices: [...made.state.records.values()].map((record) => deviceDocument(view, record)),
  };
  made.ask('release', { device: keyOf(tv) });
  made.pass(700_000);
  const events = made.effects.flatMap((effect) => (effect.type === 'event' ? [effect.document] : []));
  return { ...home, events };
}

/** The same home under another name. */
export function renamed(home: Home, node: string): Home {
  return JSON.parse(JSON.stringify(home).replaceAll(home.status.node, node)) as Home;
}
