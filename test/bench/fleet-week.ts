import type { DeviceKey } from '../../daemon/address/device-key.ts';
import type { FlowEvent } from '../../daemon/conntrack/flow.ts';
import { deviceDocumentOf, statusDocument } from '../../daemon/engine/views.ts';
import type { Session } from '../../daemon/mqtt/session.ts';
import { isEstablished } from '../../daemon/replay/replay-flow.ts';
import { beginning, ending, handshake, newSession } from '../../daemon/replay/session.ts';
import { startS } from '../detect/family.ts';
import { nas, printer } from '../detect/homes/appliances.ts';
import { laptop, phone } from '../detect/homes/people.ts';
import { makeDevice } from '../detect/trial.ts';
import { mac, startWallMs, world } from '../engine/world.ts';

/** A home whose devices mail for their owners. */
const families = [laptop, phone, nas, printer];
/** How long it is watched. */
export const days = 7;
const tickMs = 1000;
/** Leases and neighbours are read so often. */
const identityMs = 60_000;
/** Documents are shown at most so often (main-effects.ts). */
const showRestMs = 200;

/** Something that the daemon has its session say, and when. */
export interface Said {
  readonly atMs: number;
  readonly say: (session: Session) => void;
}

interface Happening {
  readonly atMs: number;
  readonly flows: () => readonly FlowEvent[];
}

/** What the engine has the session say in a week of such a home, from a second after its start, and how many mail flows it saw. */
export function weekOfHome(): { readonly said: readonly Said[]; readonly flows: number } {
  const made = world();
  const beganMs = made.nowMs;
  const happenings = happeningsFrom(beganMs);
  const said: Said[] = [];
  let changed = new Set<DeviceKey | 'status'>();
  let restUntilMs = 0;
  const show = (atMs: number) => {
    const view = { state: made.state, at: { nowMs: atMs, wallMs: startWallMs + atMs - beganMs } };
    for (const key of changed) {
      if (key === 'status') {
        const document = statusDocument(view);
        said.push({ atMs, say: (session) => session.status(document) });
      } else {
        const document = deviceDocumentOf(view, key);
        said.push({ atMs, say: (session) => session.device(key, document) });
      }
    }
    changed = new Set();
    restUntilMs = atMs + showRestMs;
  };
  const give = (...args: Parameters<typeof made.give>) => {
    if (changed.size > 0 && made.nowMs > restUntilMs) show(restUntilMs);
    for (const effect of made.give(...args)) {
      if (effect.type === 'status') changed.add('status');
      if (effect.type === 'device') changed.add(effect.key);
      if (effect.type === 'event')
        said.push({ atMs: made.nowMs, say: (session) => session.event(effect.document) });
    }
    if (changed.size > 0 && made.nowMs >= restUntilMs) show(made.nowMs);
    made.effects.length = 0;
    made.inputs.length = 0;
  };
  let next = 0;
  for (let atMs = beganMs + tickMs; atMs <= beganMs + days * 86_400_000; atMs += tickMs) {
    for (let one = happenings[next]; one && one.atMs < atMs; one = happenings[++next]) {
      made.nowMs = one.atMs;
      for (const flow of one.flows()) give({ type: 'flow', flow });
    }
    made.nowMs = atMs;
    if ((atMs - beganMs) % identityMs === tickMs) identify(give);
    give({ type: 'tick' });
  }
  return { said, flows: happenings.length / 2 };
}

const addressOf = (index: number) => `192.168.1.${50 + index}`;
const macOf = (index: number) => mac(`a4:c3:f0:5e:20:0${index}`);

function identify(give: (input: Parameters<ReturnType<typeof world>['give']>[0]) => void): void {
  const known = families.map((_, index) => ({ mac: macOf(index), address: addressOf(index) }));
  give({ type: 'leases', leases: known });
  give({
    type: 'neighbours',
    neighbours: known.map((one) => ({ ...one, interface: 'br-lan', fresh: true })),
  });
}

/** Beginnings and ends of the devices' flows, in order. */
function happeningsFrom(beganMs: number): readonly Happening[] {
  const list: Happening[] = [];
  let id = 0;
  for (const [index, family] of families.entries()) {
    for (const flow of makeDevice(family, 0).flows) {
      const atMs = beganMs + tickMs + (flow.tsS - startS) * 1000;
      if (atMs >= beganMs + days * 86_400_000) continue;
      const session = newSession({ ...flow, src: addressOf(index) }, ++id, atMs);
      const isOpen = isEstablished(flow);
      list.push({ atMs, flows: () => [beginning(session), ...(isOpen ? [handshake(session)] : [])] });
      list.push({ atMs: atMs + flow.durationS * 1000, flows: () => [ending(session, 1)] });
    }
  }
  return list.sort((a, b) => a.atMs - b.atMs);
}
