import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../guard/ask.ts';
import { acceptedFrom, infect } from '../guard/bots.ts';
import { bansOf } from '../guard/kernel-bans.ts';
import type { DeviceName } from '../lab/home.ts';
import type { Fault, Moment, Place } from './fault.ts';

/** What happened in one cell of the matrix. */
export interface Cell {
  readonly moment: Moment;
  /** Messages that the internet accepted; of a device that is held, since the fault. */
  readonly leaked: number;
  /** Until the kernel holds the bot, from its start; of a device that is held, the longest that it was not. */
  readonly openS: number;
}

/** Each cell has a device of its own, so that nothing is known of it. */
const victims: Readonly<Record<Moment, DeviceName>> = { idle: 'phone', attack: 'tv', banned: 'camera' };

/** Longer than any bound. */
const patienceMs = 15_000;
/** What a bot sends after the fault is over shows whether the device is still held. */
const afterMs = 1500;

/** Makes the fault in each of the three moments, and counts. */
export async function runCells(fault: Fault, place: Place): Promise<Cell[]> {
  return [await idle(fault, place), await attack(fault, place), await banned(fault, place)];
}

async function idle(fault: Fault, place: Place): Promise<Cell> {
  await fault.inject(place);
  const bot = await infect(place.lab, victims.idle, '4', { durationS: 2 });
  const openS = await untilHeld(place, victims.idle);
  await bot.done;
  return { moment: 'idle', leaked: await acceptedFrom(place.lab, victims.idle), openS };
}

async function attack(fault: Fault, place: Place): Promise<Cell> {
  // It must still be there when somebody decides again.
  const durationS = fault.bounds.attack.openS > 3 ? 6 : 3;
  const [bot, openS] = await Promise.all([
    infect(place.lab, victims.attack, '4', { durationS }),
    untilHeld(place, victims.attack),
    fault.inject(place),
  ]);
  await bot.done;
  return { moment: 'attack', leaked: await acceptedFrom(place.lab, victims.attack), openS };
}

async function banned(fault: Fault, place: Place): Promise<Cell> {
  const { lab } = place;
  const bot = await infect(lab, victims.banned, 'both', { durationS: 12 });
  await untilHeld(place, victims.banned, /^blocked/);
  // The state file follows a ban within seconds; a fault may come before, but then there is nothing to lose.
  await sleep(1000);
  const before = await acceptedFrom(lab, victims.banned);
  const over = fault.inject(place).then(() => sleep(afterMs));
  const openS = await longestOpen(place, victims.banned, over);
  const leaked = (await acceptedFrom(lab, victims.banned)) - before;
  await bot.stop();
  return { moment: 'banned', leaked, openS };
}

/** Seconds from now until the kernel holds the device; infinite where it never does. */
async function untilHeld(place: Place, name: DeviceName, how = /^(?:blocked|restricted)/): Promise<number> {
  const sinceMs = Date.now();
  while (Date.now() - sinceMs < patienceMs) {
    if (await isHeld(place, name, how)) return (Date.now() - sinceMs) / 1000;
    await sleep(50);
  }
  return Number.POSITIVE_INFINITY;
}

/** The longest time in seconds that the device was not blocked until `over`, and after it until it is; 0: it always was. */
async function longestOpen(place: Place, name: DeviceName, over: Promise<void>): Promise<number> {
  let isOver = false;
  const end = over.then(() => {
    isOver = true;
  });
  let openMs: number | undefined;
  let longestMs = 0;
  for (;;) {
    const nowMs = Date.now();
    const isBlocked = await isHeld(place, name, /^blocked/);
    if (isBlocked) openMs = undefined;
    else {
      openMs ??= nowMs;
      longestMs = Math.max(longestMs, Date.now() - openMs);
      if (longestMs > patienceMs) return Number.POSITIVE_INFINITY;
    }
    if (isOver && isBlocked) break;
    await sleep(50);
  }
  await end;
  return longestMs / 1000;
}

async function isHeld({ lab }: Place, name: DeviceName, how: RegExp): Promise<boolean> {
  // A listing may fail while the table changes under it.
  const again = () => sleep(20).then(() => bansOf(lab));
  const bans = await bansOf(lab)
    .catch(again)
    .catch(() => ({}) as Awaited<ReturnType<typeof bansOf>>);
  return how.test(bans[lab.devices[name].mac]?.set ?? '');
}

/** All that people are told: the log, and the status with its reasons. */
export async function saidBy({ guard }: Place): Promise<string> {
  const status = await ask(guard, 'status').catch((error: unknown) => String(error));
  return [...guard.process.lines, ...guard.process.errors, JSON.stringify(status)].join('\n');
}
