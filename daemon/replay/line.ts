import { type DeviceRun, give } from './device-run.ts';
import type { Outage } from './replay-options.ts';

/**
 * What the kernel's counter of arrivals would have shown: one more with every second that the line worked. Flows do not
 * tell: they have a beginning and an end, and of all that a home hears a log of mail has the mail alone.
 */
function arrivalsAt(outages: readonly Outage[], atS: number): number {
  const downS = outages.reduce(
    (sum, { fromS, toS }) => sum + Math.max(0, Math.min(atS, toS) - Math.min(atS, fromS)),
    0,
  );
  return Math.floor(atS - downS);
}

/** Has the engine read the counter. */
export function readLine(run: DeviceRun, nowMs: number): void {
  const { outages } = run.options;
  if (outages)
    give(run, { type: 'upstream', linked: true, arrivals: arrivalsAt(outages, nowMs / 1000) }, nowMs);
}

/**
 * When the engine wants to read it next: a second later while something depends on it, and in an outage in which
 * nothing does at its end; undefined where it does not want to.
 */
export function nextReading({ options, state }: DeviceRun, nowMs: number): number | undefined {
  const { closed, unproven } = state.upstream;
  if (!options.outages || (unproven.size === 0 && !closed)) return undefined;
  const outage = options.outages.find(({ fromS, toS }) => fromS * 1000 <= nowMs && nowMs < toS * 1000);
  const fromMs = closed && outage ? outage.toS * 1000 : nowMs;
  return (Math.floor(fromMs / 1000) + 1) * 1000;
}
