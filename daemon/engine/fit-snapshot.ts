import { isOfIncident, mostWorth } from '../policy/incident.ts';
import type { DeviceSnapshot, Snapshot } from './snapshot.ts';

/** The most that the state file may have. */
export const maxStateBytes = 64 * 1024;
/** Of that what devices and incidents may need; the rest, and what they leave, is for events that wait for the broker. */
const maxSnapshotBytes = 60 * 1024;

/** Sizes are of text with a byte a character: names may hold Latin letters of two. */
const sizeOf = (value: unknown) => JSON.stringify(value).replace(/[^\0-\x7f]/g, '**').length;

/** The text of the state file, within its bound: the snapshot, and of the events that wait those of incidents and the newest, oldest first. */
export function stateText(snapshot: Snapshot, unsent: readonly { readonly id: string }[]): string {
  const fitting = fitSnapshot(snapshot);
  let left = maxStateBytes - sizeOf(fitting) - ',"unsent":[]'.length;
  const chosen = mostWorth(unsent, mostUnsent);
  const kept = new Set<unknown>();
  for (const event of chosen.toReversed().sort((a, b) => rank(b) - rank(a))) {
    left -= sizeOf(event) + 1;
    if (left < 0) break;
    kept.add(event);
  }
  return JSON.stringify({ ...fitting, unsent: chosen.filter((event) => kept.has(event)) });
}

const rank = ({ id }: { readonly id: string }) => Number(isOfIncident(id));

/** Events without an acknowledgement that outlive a restart: those of incidents first, and the newest. */
export const mostUnsent = 64;

/** The snapshot within its bound: closed incidents go first, then evidence, then the devices that are worth least, the last first. */
export function fitSnapshot(snapshot: Snapshot): Snapshot {
  if (sizeOf(snapshot) <= maxSnapshotBytes) return snapshot;
  const open = snapshot.incidents.filter(({ closedWallMs }) => closedWallMs === undefined);
  const bare = open.map((incident) => ({ ...incident, evidence: [], steps: incident.steps.slice(-1) }));
  let devices = [...snapshot.devices].sort((a, b) => worthOf(b) - worthOf(a));
  let smaller: Snapshot = { ...snapshot, incidents: bare, devices };
  while (sizeOf(smaller) > maxSnapshotBytes && devices.length > 0) {
    devices = devices.slice(0, Math.floor(devices.length * 0.9));
    smaller = { ...smaller, devices };
  }
  return smaller;
}

/** 3: held for good. 2: it has relays of its own. 1: slowed, or held for its SYNs, which anybody can forge by the hundred. */
function worthOf({ b: ban, l: relays }: DeviceSnapshot): 0 | 1 | 2 | 3 {
  if (ban && ban[0] !== 'slowed' && ban[2] === 0) return 3;
  return relays ? 2 : ban ? 1 : 0;
}
