import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../lab/lab.ts';

/** What everybody else in the home did so far. */
export interface Bystanders {
  readonly cameraBytes: number;
  readonly tvBytes: number;
  /** Downloads that broke off, in words. */
  readonly interrupted: readonly string[];
  readonly mailsSent: number;
  readonly mailsFailed: number;
}

/** What they did between two looks. */
export function difference(before: Bystanders, after: Bystanders): Bystanders {
  return {
    cameraBytes: after.cameraBytes - before.cameraBytes,
    tvBytes: after.tvBytes - before.tvBytes,
    interrupted: after.interrupted,
    mailsSent: after.mailsSent - before.mailsSent,
    mailsFailed: after.mailsFailed - before.mailsFailed,
  };
}

/** Ordinary life beside the story. */
export interface OrdinaryLife {
  now(): Bystanders;
  /** Ends it; mails on their way get their time. */
  stop(): Promise<Bystanders>;
}

/** Longer than the story. */
const durationS = 120;
const rates = { camera: 250_000, tv: 2_000_000 };

/** Starts a download on the camera and one on the TV, and the laptop's mail, one a second; resolves when all go. */
export async function startOrdinaryLife(lab: Lab): Promise<OrdinaryLife> {
  const host = lab.addresses.web4;
  const download = (name: keyof typeof rates) =>
    lab.actor(name, 'download', {
      host,
      bytes: rates[name] * durationS,
      bytesPerS: rates[name],
      durationS,
    });
  const [camera, tv, laptop] = await Promise.all([
    download('camera'),
    download('tv'),
    lab.actor('laptop', 'laptop-mail', { relays: [lab.addresses.laptopRelay], durationS }),
  ]);
  const now = (): Bystanders => {
    const downloads = { camera: camera.stats(), tv: tv.stats() };
    const mail = laptop.stats();
    const failures = Object.values(mail?.errors ?? {});
    return {
      cameraBytes: downloads.camera?.bytesReceived ?? 0,
      tvBytes: downloads.tv?.bytesReceived ?? 0,
      interrupted: Object.entries(downloads).flatMap(([name, stats]) =>
        stats?.interrupted ? [`the ${name}'s download broke off: ${stats.error}`] : [],
      ),
      mailsSent: mail?.accepted ?? 0,
      mailsFailed: failures.reduce((sum, count) => sum + count, 0),
    };
  };
  while (now().cameraBytes === 0 || now().tvBytes === 0 || now().mailsSent === 0) await sleep(50);
  return {
    now,
    async stop() {
      const before = now();
      await Promise.all([camera.stop(), tv.stop(), laptop.stop()]);
      return { ...now(), interrupted: before.interrupted };
    },
  };
}
