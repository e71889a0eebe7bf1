import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundle, flags, labConfig } from '../guard/guard.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import type { LabProcess } from '../lab/lab-process.ts';
import type { Bench } from './bench-types.ts';
import { quantile, rounded } from './numbers.ts';
import { cpuMs, type Memory, memoryOf } from './process-usage.ts';

/** V8 tidies up some 9 s after the last of the start: before it the figure is the start’s, not the idle daemon’s. */
const idleMs = 12_000;
const starts = 5;
/** The collector's turns move the figure by 1.5 MB: the median of so many samples, four seconds apart. */
const samples = 6;
/** musl, OpenWrt's C library, has no arena per thread: those of glibc would count 0.4 MB that no router has. */
const likeMusl = ['env', 'MALLOC_ARENA_MAX=1', 'node', ...flags];

/**
 * Memory of the daemon 12 to 32 s after its start, connected to a broker and with nothing to do, beside that of a Node that
 * runs nothing; and the processor time of a start, until the broker knows that the daemon is online.
 */
export const memory: Bench = {
  name: 'memory',
  about: 'memory of the idle daemon, connected to a broker; processor time of its start; size of its file',
  async run(say) {
    const lab = await startLab();
    try {
      await lab.broker.start();
      const startMs: number[] = [];
      const emptyStartMs: number[] = [];
      for (let i = 0; i < starts; i += 1) {
        const { daemon, ms } = await startConnected(lab, `start-${i}`);
        startMs.push(ms);
        // The rest of its start is not part of the next one's.
        await daemon.waitForLine(/guards \d+ networks/);
        await daemon.stop();
        // By turns, since the machine's pace changes.
        const node = lab.spawn('router', [...likeMusl, '-e', 'setInterval(() => {}, 1e9)']);
        await sleep(500);
        emptyStartMs.push(await cpuMs(await node.hostPid()));
        await node.stop();
      }
      say(
        `processor time of ${starts} starts: ${startMs.join(', ')} ms; of an empty Node ${emptyStartMs.join(', ')} ms`,
      );
      const empty = lab.spawn('router', [...likeMusl, '-e', 'setInterval(() => {}, 1e9)']);
      const { daemon } = await startConnected(lab, 'idle');
      await sleep(idleMs);
      const ofEmpty = await memoryOf(await empty.hostPid());
      const ofDaemon = await medianMemory(daemon);
      say(`empty Node: ${describe(ofEmpty)}`);
      say(`Postern:    ${describe(ofDaemon)}`);
      await daemon.stop();
      await empty.stop();
      return {
        rss_mb: rounded(ofDaemon.rssMb, 1),
        private_mb: rounded(ofDaemon.privateMb, 1),
        empty_rss_mb: rounded(ofEmpty.rssMb, 1),
        start_cpu_ms: quantile(startMs, 0.5),
        empty_start_cpu_ms: quantile(emptyStartMs, 0.5),
        bundle_kb: rounded((await stat(bundle)).size / 1000, 1),
      };
    } finally {
      await lab.stop();
    }
  },
};

async function medianMemory(daemon: LabProcess): Promise<Memory> {
  const taken: Memory[] = [];
  for (let i = 0; i < samples; i += 1) {
    taken.push(await memoryOf(await daemon.hostPid()));
    await sleep(4_000);
  }
  const median = (field: keyof Memory) =>
    quantile(
      taken.map((sample) => sample[field]),
      0.5,
    );
  return { rssMb: median('rssMb'), privateMb: median('privateMb') };
}

function describe({ rssMb, privateMb }: Memory): string {
  return `${rssMb.toFixed(1)} MB resident, ${privateMb.toFixed(1)} MB of it private`;
}

/** Starts a daemon, and returns the processor time it had used when a client of the broker saw it online. */
async function startConnected(lab: Lab, name: string): Promise<{ daemon: LabProcess; ms: number }> {
  const dir = join(lab.dir, name);
  await mkdir(join(dir, 'run'), { recursive: true });
  await mkdir(join(dir, 'data'));
  const config = join(dir, 'config.json');
  const mqtt = { enabled: true, url: lab.broker.url };
  await writeFile(config, JSON.stringify(labConfig(lab, dir, { main: { node: name }, mqtt })));
  // A name of its own: what an earlier one left retained says nothing of this one.
  const client = await lab.broker.listen(`postern/${name}/availability`);
  const daemon = lab.spawn('router', [...likeMusl, bundle, 'run', '--config', config]);
  const pid = await daemon.hostPid();
  while (!client.messages.some(({ payload }) => payload === 'online')) {
    if (!daemon.running) throw new Error(`the daemon ended: ${daemon.errors.join(' | ')}`);
    await sleep(1);
  }
  const ms = await cpuMs(pid);
  await client.stop();
  return { daemon, ms };
}
