import { setTimeout as sleep } from 'node:timers/promises';
import { bansOf } from '../../guard/kernel-bans.ts';
import type { DeviceName } from '../../lab/home.ts';
import type { Lab } from '../../lab/lab.ts';

const patienceMs = 90_000;

/** Seconds from then on until the kernel holds the device; more than any bound where it does not. */
export async function untilHeldS(lab: Lab, name: DeviceName, sinceMs: number): Promise<number> {
  for (;;) {
    const passedMs = performance.now() - sinceMs;
    const bans = await bansOf(lab);
    if (/^(?:blocked|restricted)/.test(bans[lab.devices[name].mac]?.set ?? '')) return passedMs / 1000;
    if (passedMs > patienceMs) return Number.POSITIVE_INFINITY;
    await sleep(100);
  }
}
