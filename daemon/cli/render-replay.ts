import { printable } from '../control/printable.ts';
import { spokenDuration } from '../engine/words.ts';
import type { DecisionDocument, ReplayDocument, ReplayedDevice } from '../replay/report.ts';
import { table } from './table.ts';

/** A replay's answer as text for people, without its last newline. */
export function renderReplay(document: ReplayDocument): string {
  const { devices } = document;
  if (devices.length === 0) return 'No device at home mailed.';
  const rows = devices.map((device) => [
    device.device,
    device.class,
    String(device.flows),
    decision(device.restrict),
    decision(device.block),
    device.peak_score.toFixed(1),
    String(device.messages),
  ]);
  const heading = ['DEVICE', 'CLASS', 'FLOWS', 'RESTRICTED', 'BLOCKED', 'SCORE', 'MESSAGES'];
  const held = devices.filter(({ restrict, slow }) => restrict || slow);
  const made = document.enforce
    ? 'What the guard refuses was taken as refused.'
    : 'Nothing was taken as refused: with --enforce it is.';
  return [table(heading, rows), ...held.map(reasons), `${made}`].join('\n\n');
}

/** `2nd connection, 119 s, 0 leaked`. */
function decision(decided: DecisionDocument | null): string {
  if (!decided) return '-';
  const { connection, time_s, leaked } = decided;
  return `at ${connection}, ${spokenDuration(time_s * 1000)}, ${leaked} leaked`;
}

function reasons({ device, why, label, slow }: ReplayedDevice): string {
  const named = label === undefined ? device : `${device} (${printable(label)})`;
  const what = slow ? `${named}, slowed ${decision(slow)}:` : `${named}:`;
  return [what, ...why.map((line) => `  ${printable(line)}`)].join('\n');
}
