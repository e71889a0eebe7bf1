import { flowKey } from '../conntrack/flow.ts';
import { type Checkpoint, restoreProfile } from './checkpoint.ts';
import { type DeviceRecord, noteEvidence } from './device-record.ts';
import { closeIncident, tell } from './incidents.ts';
import { dayAndTime } from './iso-time.ts';
import { type Turn, wallOf } from './state.ts';

/**
 * An outage began before it was known to be one: what was held against the device since the last packet arrived is
 * taken back, the ban that rests on it included. Its contacts count after all if they are answered yet.
 */
export function takeBack(turn: Turn, record: DeviceRecord): void {
  const [point] = record.unproven;
  if (!point) return;
  const { state, at } = turn;
  const { score } = record.profile;
  record.unproven = [];
  restoreProfile(record, point);
  for (const [key, entry] of state.flowDevices) {
    if (entry.key !== record.key || entry.atMs < point.atMs || state.flows.live.get(key)?.replied !== false)
      continue;
    entry.deferred = true;
    entry.step = undefined;
  }
  if (record.profile.score !== score) {
    const since = dayAndTime(wallOf(turn, point.atMs));
    const words = `the internet was down: nothing since ${since} counts (${record.profile.score.toFixed(1)})`;
    noteEvidence(record, `${dayAndTime(at.wallMs)} ${words}`);
  }
  turn.changed.add(record.key);
  if (record.ban !== point.ban && record.ban?.origin === 'auto') lift(turn, record, point);
}

/** The ban was made, or made stronger, by that evidence alone: without it the verdict is the one before. */
function lift(turn: Turn, record: DeviceRecord, { ban, history, incident }: Checkpoint): void {
  const { state } = turn;
  record.ban = ban;
  if (ban === record.asked) record.asked = undefined;
  record.history = history;
  state.cuts = state.cuts.filter((cut) => state.flowDevices.get(flowKey(cut))?.key !== record.key);
  turn.rulesetChanged = true;
  // What it was refused meanwhile is read while nothing counts, or it would count later.
  turn.effects.push({ type: 'persist', urgent: true }, { type: 'read', sets: ['attempts'], maxAgeMs: 0 });
  tell(turn, record, 'released', { note: 'The internet was down, so nobody could answer it.' });
  if (incident === undefined) closeIncident(turn, record);
}
