import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chanceOf } from '../detect/chance.ts';
import type { Fault, Place } from '../fault/fault.ts';
import { faults } from '../fault/faults.ts';
import { ask } from '../guard/ask.ts';
import { acceptedFrom, infect } from '../guard/bots.ts';
import { type Guard, startGuard } from '../guard/guard.ts';
import { bansOf } from '../guard/kernel-bans.ts';
import { type Lab, startLab } from '../lab/lab.ts';

/** How long, and which faults in which order. */
export interface ChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** What was counted. */
export interface ChaosResult {
  /** Faults that were made, by name. */
  readonly made: Readonly<Record<string, number>>;
  /** The bot's messages that the internet accepted, and the most that may be. */
  readonly leaked: number;
  readonly mayLeak: number;
  readonly laptop: { readonly attempts: number; readonly accepted: number; readonly errors: object };
  /** Bans that are not in the kernel at the end, or end at another time than they were made for. */
  readonly lostBans: readonly string[];
  /** Processes and sockets of the daemon that outlived it. */
  readonly left: readonly string[];
}

const toleranceMs = 3000;

/**
 * Makes random faults, one after the other, while a bot attacks from the camera and a laptop sends a mail a second. The
 * same seed makes the same faults in the same order; what happens between them is up to the machine.
 */
export async function runChaos({ minutes, seed, say }: ChaosOptions): Promise<ChaosResult> {
  const lab = await startLab();
  try {
    const guard = await startGuard(lab);
    const durationS = minutes * 60;
    const relays = lab.addresses.spread4.slice(30, 31);
    // The laptop's relay is known before the storm, as it is in a home.
    await (await lab.actor('laptop', 'laptop-mail', { relays, count: 2, everyMs: 300, durationS: 5 })).done;
    await ask(guard, 'block', { device: lab.devices.printer.mac, for: '24h' });
    const bot = await infect(lab, 'camera', 'both', { durationS: durationS + 60, ratePerS: 50 });
    await guard.until(lab.devices.camera.mac, ({ state }) => state === 'blocked');
    const before = await bansOf(lab);
    const laptop = await lab.actor('laptop', 'laptop-mail', { relays, durationS, everyMs: 1000 });
    const made = await storm({ lab, guard }, seed, durationS, say);
    const { attempts, accepted, errors } = await laptop.done;
    // The last fault's repair is part of it.
    await sleep(6000);
    await bot.stop();
    const leaked = await acceptedFrom(lab, 'camera');
    const lostBans = lostOf(before, await bansOf(lab));
    const left = await stopped(lab, guard);
    return {
      ...{ made, leaked, mayLeak: boundOf(made) },
      ...{ laptop: { attempts, accepted, errors }, lostBans, left },
    };
  } finally {
    await lab.stop();
  }
}

async function storm(
  place: Place,
  seed: number,
  durationS: number,
  say: (line: string) => void,
): Promise<Record<string, number>> {
  const chance = chanceOf(String(seed));
  const gentle = faults.filter((fault): fault is Fault => fault.gentle);
  const made: Record<string, number> = {};
  const beganMs = Date.now();
  for (;;) {
    await sleep(chance.between(200, 4000));
    const atS = (Date.now() - beganMs) / 1000;
    if (atS > durationS) return made;
    const fault = chance.pick(gentle);
    say(`${atS.toFixed(1).padStart(6)} s  ${fault.name}`);
    await fault.inject(place);
    made[fault.name] = (made[fault.name] ?? 0) + 1;
  }
}

/** What the matrix lets each of them cost while a device is held, and two first contacts. */
function boundOf(made: Readonly<Record<string, number>>): number {
  const each = faults.map(({ name, bounds }) => (made[name] ?? 0) * bounds.banned.leaked);
  return each.reduce((sum, leaked) => sum + leaked, 2);
}

type Bans = Awaited<ReturnType<typeof bansOf>>;

function lostOf(before: Bans, after: Bans): string[] {
  return Object.entries(before).flatMap(([key, ban]) => {
    const now = after[key];
    // A restrict may have grown into a block.
    const isKept = now?.set === ban.set || now?.set === 'blocked_mac';
    if (!isKept) return [`${key}: ${ban.set} became ${now?.set ?? 'nothing'}`];
    // A bot that goes on may have its ban renewed; nothing may shorten one.
    const early = (ban.endsAtMs ?? 0) - (now.endsAtMs ?? 0);
    return early > toleranceMs ? [`${key}: ends ${Math.round(early / 1000)} s early`] : [];
  });
}

/** Stops the daemon, and names what of it is still there. */
async function stopped(lab: Lab, guard: Guard): Promise<string[]> {
  await guard.stop();
  const processes = await lab.exec('router', ['pgrep', '-a', '-x', 'conntrack|nft|sh|node']);
  const socket = join(guard.dir, 'run', 'postern.sock');
  // The lab's own servers are Node as well.
  const ours = processes.stdout.split('\n').filter((line) => line !== '' && !line.includes('.cache/lab/'));
  return [...ours, ...(existsSync(socket) ? [socket] : [])];
}
