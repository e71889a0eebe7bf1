import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../../guard/ask.ts';
import { acceptedFrom, infect } from '../../guard/bots.ts';
import { startGuard } from '../../guard/guard.ts';
import { bansOf } from '../../guard/kernel-bans.ts';
import type { Lab } from '../../lab/lab.ts';
import { home } from './home.ts';
import { dataDir, mountData } from './power.ts';
import { untilHeldS } from './until-held.ts';

/**
 * A boot whose clock stands in 1970, with the camera blocked since before: it attacks, a visitor's device of which nothing is
 * known as well, and the laptop mails, before Node has started. Then the daemon starts, a third bot begins, and the clock is set.
 */
export async function bootIn1970(realMs: number) {
  await mountData();
  const lab = await home();
  const { camera } = lab.devices;
  await lab.nft('-f', `${dataDir}/guard.nft`);
  const held = Object.keys(await bansOf(lab));
  const sinceMs = performance.now();
  // Some contacts a second, so that the others have the emulated processor too.
  const visitor = await infect(lab, 'visitor', '4', { durationS: 90, workers: 2, ratePerS: 4 });
  const [bot, laptop] = await Promise.all([
    infect(lab, 'camera', '4', { durationS: 4 }),
    lab.actor('laptop', 'laptop-mail', { relays: [lab.addresses.laptopRelay], count: 3, durationS: 20 }),
  ]);
  const [attack, mail] = await Promise.all([bot.done, laptop.done]);
  const accepted = await acceptedFrom(lab, 'camera');
  const { refused = 0 } = (await bansOf(lab))[camera.mac] ?? {};
  const loaded = await remainingS(lab, camera.mac);

  const year = new Date().getUTCFullYear();
  const guard = await startGuard(lab, { main: { data_dir: dataDir } });
  const adopted = await remainingS(lab, camera.mac);
  const attackOpenS = await untilHeldS(lab, 'visitor', sinceMs);
  await visitor.stop();
  const idleSinceMs = performance.now();
  const doorbell = await infect(lab, 'doorbell', '4', { durationS: 90 });
  const idleOpenS = await untilHeldS(lab, 'doorbell', idleSinceMs);
  await doorbell.stop();
  const cells = {
    attack: { leaked: await acceptedFrom(lab, 'visitor'), openS: attackOpenS },
    idle: { leaked: await acceptedFrom(lab, 'doorbell'), openS: idleOpenS },
  };
  const { degraded } = await ask(guard, 'status');
  const { state } = await ask(guard, 'device', { device: camera.mac });
  execFileSync('date', ['-s', `@${Math.round(realMs / 1000)}`]);
  const setAtMs = Date.now();
  let isTold = true;
  while (isTold && Date.now() - setAtMs < 70_000) {
    await sleep(500);
    isTold = (await ask(guard, 'status')).degraded.some(({ code }) => code === 'clock_not_set');
  }
  const clearedAfterMs = Date.now() - setAtMs;
  const set = await remainingS(lab, camera.mac);
  const { until = '' } = await ask(guard, 'device', { device: camera.mac });
  await guard.stop();
  return {
    cells,
    ...{
      held,
      year,
      accepted,
      refused,
      connected: attack.connected,
      mailed: mail.accepted,
      state,
      isTold,
      clearedAfterMs,
    },
    /** Seconds that the ban has left: once its script was loaded, with the daemon, and with the clock set. */
    remainingS: { loaded, adopted, set },
    /** What the daemon says, beside that. */
    untilS: (Date.parse(until) - Date.now()) / 1000,
    degraded: degraded.map(({ code }) => code),
  };
}

async function remainingS(lab: Lab, mac: string): Promise<number> {
  const { endsAtMs = Number.NaN } = (await bansOf(lab))[mac] ?? {};
  return (endsAtMs - Date.now()) / 1000;
}
