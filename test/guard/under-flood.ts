import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMs } from '../bench/process-usage.ts';
import { childrenOf } from '../lab/holder.ts';
import type { Lab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { acceptedFrom, infect } from './bots.ts';
import type { Guard } from './guard.ts';

/** What else a home may be flooded with while a bot attacks. */
export interface Flood {
  readonly name: string;
  /** Another program listens to conntrack, so that the daemon reads every event. */
  readonly isListenedTo?: true;
  /** Comes back when the bot may start; the promise inside when the flood is over, with its figures in words. */
  start(lab: Lab, guard: Guard): Promise<{ readonly over: Promise<string> }>;
}

/** What came of it. */
export interface Outcome {
  readonly caught: boolean;
  readonly heldAfterMs: number;
  /** Messages that the servers accepted from the bot. */
  readonly missed: number;
  readonly attempts: number;
  /** The daemon's largest resident memory. */
  readonly rssMb: number;
  /** From the end of the flood to the first five seconds in which daemon and conntrack had nothing to do. */
  readonly idleAfterMs: number;
  /** Codes of what the status says. */
  readonly told: readonly string[];
  readonly flooded: string;
}

const botS = 6;
/** Of a processor: less is a daemon with nothing to do, its ticks and its looks at a table full of counters included. */
const idleShare = 0.1;
const windowS = 5;

/** Lets a direct-to-MX bot on the camera attack while the flood goes on. */
export async function underFlood(lab: Lab, guard: Guard, flood: Flood): Promise<Outcome> {
  const { mac } = lab.devices.camera;
  const daemon = await guard.process.hostPid();
  const told = new Set<string>();
  const look = async () => {
    for (const { code } of (await ask(guard, 'status').catch(() => ({ degraded: [] }))).degraded)
      told.add(code);
  };
  const watch = setInterval(() => void look(), 500);
  try {
    const { over } = await flood.start(lab, guard);
    const bot = await infect(lab, 'camera', 'both', { durationS: botS });
    const held = await guard
      .until(mac, ({ state }) => state === 'restricted' || state === 'blocked', botS * 1000)
      .catch(() => undefined);
    const heldAtMs = Date.now();
    const { attempts, startedAtMs } = await bot.done;
    const flooded = await over;
    // Whoever asks gives it something to do.
    clearInterval(watch);
    const idleAfterMs = await untilIdle(daemon);
    await look();
    return {
      ...{ caught: held !== undefined, heldAfterMs: heldAtMs - startedAtMs, attempts, idleAfterMs },
      rssMb: await peakMb(daemon),
      ...{ missed: await acceptedFrom(lab, 'camera'), told: [...told], flooded },
    };
  } catch (error) {
    if (guard.process.running) throw error;
    const { code, signal } = await guard.process.exited;
    throw new Error(`the daemon ended (${code ?? signal}): ${guard.process.errors.slice(-40).join(' | ')}`);
  } finally {
    clearInterval(watch);
  }
}

/** The largest resident memory of its life. */
async function peakMb(daemon: number): Promise<number> {
  const status = await readFile(`/proc/${daemon}/status`, 'latin1');
  return (Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6;
}

/** From now to the first five seconds without work; five, since that is how often the daemon looks at its table. */
async function untilIdle(daemon: number): Promise<number> {
  const startMs = performance.now();
  const readings = [{ atMs: startMs, usedMs: await usedMs(daemon) }];
  for (;;) {
    await sleep(1000);
    const now = { atMs: performance.now(), usedMs: await usedMs(daemon) };
    readings.push(now);
    const before = readings.at(-1 - windowS);
    if (before === undefined) continue;
    const share = (now.usedMs - before.usedMs) / (now.atMs - before.atMs);
    if (share < idleShare || readings.length > 40) return Math.round(before.atMs - startMs);
  }
}

/** Processor time of the daemon and of all that it started, those that ended included. */
async function usedMs(daemon: number): Promise<number> {
  const stat = await readFile(`/proc/${daemon}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ended = (Number(fields[13]) + Number(fields[14])) * 10;
  const running = await Promise.all((await childrenOf(daemon)).map((pid) => cpuMs(pid).catch(() => 0)));
  return running.reduce((sum, ms) => sum + ms, (await cpuMs(daemon)) + ended);
}

const gatewayMac = (lab: Lab) => lab.networks[0]?.mac ?? '';

/** Complete connections of the TV to closed ports of one host, as many a second as the machine makes, 10,000 at most. */
function connections(isListenedTo: boolean): Flood {
  return {
    name: isListenedTo ? 'connections, all events read' : 'connections',
    ...(isListenedTo ? { isListenedTo } : {}),
    async start(lab) {
      const flood = await lab.actor('tv', 'connection-flood', {
        ...{ host: lab.addresses.closed4, rate: 10_000, maxConnections: 1e6, durationS: 10 },
      });
      await sleep(1500);
      return {
        over: flood.done.then(({ ratePerS, attempts }) => `${attempts} connections, ${ratePerS} a second`),
      };
    },
  };
}

/** SYNs to mail servers made by hand on the TV's link. */
function spoofed(name: string, count: number, fixedMac: boolean): Flood {
  return {
    name,
    async start(lab) {
      const flood = await lab.actor('tv', 'spoof-flood', {
        ...{ targets: [...lab.addresses.spread4, ...lab.addresses.spread6], gatewayMac: gatewayMac(lab) },
        ...{ count, rate: 20_000, durationS: 20, source4: '192.168.0.0/16', source6: '2001:db8:1::/48' },
        ...(fixedMac ? { sourceMac: lab.devices.tv.mac } : {}),
      });
      await sleep(300);
      return {
        over: flood.done.then(({ attempts, ratePerS }) => `${attempts} frames, ${ratePerS} a second`),
      };
    },
  };
}

/** Half-open connections to a host that never answers, more than conntrack's table holds. */
const fullConntrack: Flood = {
  name: 'full conntrack',
  async start(lab) {
    const max = Number(await readFile('/proc/sys/net/netfilter/nf_conntrack_max', 'utf8'));
    const flood = await lab.actor('tv', 'spoof-flood', {
      ...{ targets: ['2600::1'], ports: [80], gatewayMac: gatewayMac(lab), source6: '2001:db8:1::/64' },
      ...{ count: 3 * max, rate: 60_000, durationS: 40 },
    });
    const rows = async () => Number(await lab.run('router', ['conntrack', '-C']));
    let full = 0;
    for (const endMs = Date.now() + 30_000; full < 0.98 * max && Date.now() < endMs; await sleep(200))
      full = await rows();
    return {
      over: sleep(botS * 1000).then(async () => {
        full = await rows();
        await flood.stop();
        return `${full} rows of ${max}`;
      }),
    };
  },
};

/** Every source of a device that passes everything, until the ledger of its network takes no more. */
const fullLedger: Flood = {
  name: 'full ledger',
  async start(lab, guard) {
    const { mac } = lab.devices.tv;
    await ask(guard, 'release', { device: mac, for: '10m' });
    const flood = await lab.actor('tv', 'spoof-flood', {
      ...{ targets: [...lab.addresses.spread4, ...lab.addresses.spread6], ports: [25, 465, 587, 2525] },
      ...{ gatewayMac: gatewayMac(lab), sourceMac: mac, count: 12_000, rate: 6000, durationS: 10 },
      // None of them another device's own: that would be a conflict of identities, and so the budget instead of a ban.
      ...{ source4: '10.99.0.0/16', source6: '2001:db8:1:0:8000::/65' },
    });
    await sleep(1500);
    return { over: flood.done.then(({ attempts }) => `${attempts} frames of a released device`) };
  },
};

/** Every flood that the guard has to stand. */
export const floods = {
  connections: connections(false),
  connectionsRead: connections(true),
  macs: spoofed('10,000 MACs', 10_000, false),
  sources: spoofed('100,000 sources', 100_000, true),
  fullLedger,
  fullConntrack,
} as const satisfies Record<string, Flood>;
