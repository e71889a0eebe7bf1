import { type DeviceKey, parseDeviceKey, routerKey } from '../address/device-key.ts';
import { unheardAddresses } from '../identity/directory.ts';
import { letGo } from './hold.ts';
import { resumeIncident } from './incidents.ts';
import type { AdoptedBan } from './input.ts';
import { keepDevice } from './known-devices.ts';
import { restoreBlocklists } from './on-blocklists.ts';
import { recordOf } from './records.ts';
import { restoreSnapshot, type Snapshot } from './snapshot.ts';
import type { Turn } from './state.ts';

/**
 * Begins where the last run ended: its saved state, and the bans that the kernel held meanwhile. Where both speak of
 * a device the kernel is right, since it kept the time; but not after a restart of the router: then it holds what a script had
 * that is as old as the state, and the state knows the date. So it is with a release that was not saved before a crash. Who is
 * not in the table at all is held by the state: that a transaction failed is no release. Nothing is told: it is no news.
 */
export function restore(
  turn: Turn,
  snapshot: unknown,
  adopted: readonly AdoptedBan[],
  restarted: boolean,
): void {
  const { state, at } = turn;
  const over = restoreSnapshot(state, snapshot, at, restarted);
  const devices = state.records.size;
  restoreBlocklists(turn, (snapshot as Partial<Snapshot> | undefined)?.blocklists);
  // Where a device was held by the address of its lease as well, that is no device of its own.
  const unheard = unheardAddresses(state.directory, at.nowMs);
  const shadows = new Set(adopted.flatMap(({ key }) => unheard.get(key as DeviceKey) ?? []));
  for (const { set, key: text, remainingMs } of adopted) {
    const key = parseDeviceKey(text);
    if (key === undefined || key === routerKey || shadows.has(key)) continue;
    if (restarted && over.has(key)) continue;
    const record = recordOf(turn, key);
    if (set === 'released') {
      if (!restarted && record.releasedUntilMs === undefined)
        letGo(turn, record, remainingMs ?? Number.POSITIVE_INFINITY);
      continue;
    }
    const before = record.ban;
    if (restarted && before?.hold === set) continue;
    const endMs = remainingMs === undefined ? undefined : at.nowMs + remainingMs;
    record.releasedUntilMs = undefined;
    const isUntilRestart = endMs === undefined && before?.endMs === Number.POSITIVE_INFINITY;
    record.ban = {
      hold: set,
      sinceMs: before?.sinceMs ?? at.nowMs,
      origin: before?.origin ?? 'auto',
      provisional: before?.hold === set && before.provisional,
      ...(isUntilRestart ? { endMs: Number.POSITIVE_INFINITY } : endMs === undefined ? {} : { endMs }),
    };
  }
  for (const record of state.records.values()) {
    if (record.ban) resumeIncident(turn, record, record.ban);
    const incident = state.incidents.get(record.incident ?? '');
    if (incident) {
      record.evidence = [...incident.evidence];
      // Told before, or soon too old to be news.
      record.refusedTold = incident.refused;
      // How long it is quiet is counted from now on.
      record.lastSuspectMs = at.nowMs;
    }
    if (record.ban || record.learned.length > 0 || record.pinned) keepDevice(turn, record.key);
    turn.changed.add(record.key);
  }
  turn.rulesetChanged = true;
  const bans = adopted.filter(({ set }) => set !== 'released').length;
  const text = `restored ${devices} devices, adopted ${bans} bans from the kernel`;
  turn.effects.push({ type: 'log', level: 'info', text });
}
