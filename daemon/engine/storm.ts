import { type DeviceKey, routerKey } from '../address/device-key.ts';
import type { EventType } from '../policy/incident.ts';
import type { Turn } from './state.ts';
import { ruleOf, whoIs } from './who.ts';

/** So many events of devices are told one by one, and one more for each {@link refillMs} since. */
export const burst = 24;
export const refillMs = 2500;
/** The first summary comes so long after the first event that it sums up, the others after {@link againMs}. */
const gatherMs = 2000;
const againMs = 30_000;
const hourMs = 3_600_000;
const maxNamed = 5;
/** Devices that one summary tells apart; what others do is counted with them. */
const maxDevices = 512;

interface Allowance {
  left: number;
  atMs: number;
}

/**
 * Events that are told as one. Newcomers have an allowance of their own: whoever invents devices by the hundred must not
 * hide the one that lives here in a summary.
 */
export interface Storm {
  readonly settled: Allowance;
  readonly newcomers: Allowance;
  /** The last that was done to each device, in order; at most {@link maxDevices}. */
  readonly devices: Map<DeviceKey, EventType>;
  events: number;
  /** When the next summary is due. */
  dueMs: number;
}

/** Nothing was told yet. */
export function calm(): Storm {
  const full = () => ({ left: burst, atMs: 0 });
  return { settled: full(), newcomers: full(), devices: new Map(), events: 0, dueMs: 0 };
}

/** Whether an event of the device is told by itself; where it is not, the next summary has it. */
export function tellsApart(turn: Turn, key: DeviceKey, type: EventType): boolean {
  const { storm } = turn.state;
  const { nowMs } = turn.at;
  const allowance = isSettled(turn, key) ? storm.settled : storm.newcomers;
  allowance.left = Math.min(burst, allowance.left + (nowMs - allowance.atMs) / refillMs);
  allowance.atMs = nowMs;
  if (allowance.left >= 1) {
    allowance.left--;
    return true;
  }
  if (storm.events === 0) storm.dueMs = Math.max(storm.dueMs, nowMs + gatherMs);
  storm.events++;
  const isNoted = storm.devices.has(key);
  if (isNoted ? isDone(type) : storm.devices.size < maxDevices) storm.devices.set(key, type);
  return false;
}

/** What is to be told of the events held back, if it is time; they count as told then. */
export function summary(turn: Turn): { readonly note: string; readonly devices: DeviceKey[] } | undefined {
  const { state, at } = turn;
  const { storm } = state;
  if (storm.events === 0 || at.nowMs < storm.dueMs) return undefined;
  const keys = [...storm.devices.keys()];
  const devices = [
    ...keys.filter((key) => isSettled(turn, key)),
    ...keys.filter((key) => !isSettled(turn, key)),
  ];
  const counts = new Map<EventType, number>();
  for (const type of storm.devices.values()) counts.set(type, (counts.get(type) ?? 0) + 1);
  const done = [...counts].map(([type, count]) => `${count} ${words[type] ?? 'looked at'}`).join(', ');
  const names = devices.slice(0, maxNamed).map((key) => whoIs(state, key).name);
  const others = devices.length > names.length ? ` and ${devices.length - names.length} more` : '';
  const note = `${storm.events} more events of ${devices.length} devices in short time (${done}): ${names.join(', ')}${others}.`;
  storm.devices.clear();
  storm.events = 0;
  storm.dueMs = at.nowMs + againMs;
  return { note, devices };
}

/** The router itself, configured, or here for an hour; what has no MAC is known by its mail alone. */
function isSettled({ state, at }: Turn, key: DeviceKey): boolean {
  const device = state.directory.devices.get(key);
  const firstMs = state.records.get(key)?.firstSeenMs ?? at.nowMs;
  const sinceMs = Math.min(device?.leasedSinceMs ?? device?.firstSeenMs ?? at.nowMs, firstMs);
  return key === routerKey || at.nowMs - sinceMs >= hourMs || ruleOf(state, key) !== undefined;
}

const words: Partial<Record<EventType, string>> = {
  slowed: 'slowed',
  restricted: 'restricted',
  blocked: 'blocked',
  quarantined: 'quarantined',
  leaking: 'leaking',
  told: 'unusual',
  expired: 'free again',
  closed: 'closed',
};

const isDone = (type: EventType) => type in words;
