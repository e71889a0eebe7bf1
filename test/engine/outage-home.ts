import { scoreAt } from '../../daemon/detection/profile.ts';
import type { DeviceRecord } from '../../daemon/engine/device-record.ts';
import type { StatusDocument } from '../../daemon/engine/documents.ts';
import type { Line } from './line.ts';
import { keyOf, laptop, servers, type tv, type World } from './world.ts';

export const relays = servers.slice(20, 32);
export const [first = '', second = '', third = ''] = servers;
export const [relay = ''] = relays;

export function recordOf(home: World, device: typeof tv): DeviceRecord {
  const record = home.state.records.get(keyOf(device));
  if (!record) throw new Error('no record');
  return record;
}

export const codes = (home: World) => {
  const answered = home.ask('status');
  return answered.ok ? (answered.data as StatusDocument).degraded.map(({ code }) => code) : [];
};

/** Everything that evidence changes, as of now. */
export function judged(home: World, device: typeof tv): unknown {
  const { profile, ban, history, incident } = recordOf(home, device);
  const { volume: _, score: __, scoredAtMs: ___, ...rest } = profile;
  return { ...structuredClone(rest), ban, history, incident };
}
export const scoreOf = (home: World, device: typeof tv) =>
  scoreAt(recordOf(home, device).profile, home.nowMs);

/** A phone that looks for its mail: each of the relays in turn, one every so often. */
export function retry(
  home: World,
  line: Line,
  list: readonly string[],
  rounds: number,
  everyMs: number,
): void {
  for (let round = 0; round < rounds; round++) {
    for (const server of list) {
      home.open(laptop.address, server, 587);
      line.pass(everyMs);
    }
  }
}
