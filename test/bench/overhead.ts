import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGuard } from '../guard/guard.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import type { LabProcess } from '../lab/lab-process.ts';
import { repositoryRoot } from '../lab/root.ts';
import type { Bench, Figures } from './bench-types.ts';
import { quantile, rounded } from './numbers.ts';

/** Pairs of a turn without and a turn with Postern, the order changing: the machine's pace meets both. */
const pairs = 10;
const loadMs = 2000;
const sampleMs = 200;
/** After a start or an end of the daemon: what it does by itself then is no part of a turn. */
const restMs = 1500;
/**
 * What else runs on the machine only ever slows: of a turn the samples that it spared tell what the path costs. The two
 * turns of a pair are compared, since they are next to each other in time.
 */
const spared = 0.8;

/**
 * What Postern costs the traffic of a home that is no mail: how fast a stream gets through the router, from a device
 * and to it, and how many connections a second a device can open, each with and without our table and the daemon.
 *
 * Streams go in segments of one frame each, as on a wire: what an interface may gather into 64 kB would meet the
 * firewall once for forty of them and hide its cost. Connections are refused at once by a host on the internet, so
 * that nearly all that one costs is the router's work on a first packet. Both are counted where they arrive.
 */
export const overhead: Bench = {
  name: 'overhead',
  about: 'throughput and new connections a second through the router, with Postern and without',
  async run(say) {
    requireIperf();
    const lab = await startLab();
    try {
      const server = await prepare(lab);
      const without: Samples[] = [];
      const withPostern: Samples[] = [];
      for (let pair = 1; pair <= pairs; pair += 1) {
        const guarded = async () => withPostern.push(await guardedTurn(lab, server, pair));
        if (pair % 2 === 0) await guarded();
        without.push(await turn(lab, server));
        if (pair % 2 === 1) await guarded();
        say(`pair ${pair}: without ${describe(without.at(-1))}; with ${describe(withPostern.at(-1))}`);
      }
      return figuresOf(without, withPostern, say);
    } finally {
      await lab.stop();
    }
  },
};

const loads = ['up', 'down', 'connections'] as const;
type Load = (typeof loads)[number];

/** Megabits a second from the device and to it, and connections a second, in each 200 ms of one turn. */
type Samples = Readonly<Record<Load, readonly number[]>>;

function describe(samples: Samples | undefined): string {
  const [up, down, perS] = loads.map((load) => quantile(samples?.[load] ?? [], spared).toFixed(0));
  return `${up} Mbit/s up, ${down} down, ${perS} connections a second`;
}

function figuresOf(
  without: readonly Samples[],
  withPostern: readonly Samples[],
  say: (line: string) => void,
): Figures {
  const pace = (turns: readonly Samples[], load: Load) =>
    quantile(
      turns.flatMap((samples) => samples[load]),
      spared,
    );
  const ratio = (load: Load) => {
    const ratios = without.map((one, i) => pace(withPostern.slice(i, i + 1), load) / pace([one], load));
    const [least, quarter, median, third, most] = [0, 0.25, 0.5, 0.75, 1].map((share) =>
      quantile(ratios, share).toFixed(3),
    );
    say(
      `${load}: ${median} of what it is without (median of the pairs; half of them ${quarter} to ${third}, all ${least} to ${most})`,
    );
    return rounded(quantile(ratios, 0.5), 3);
  };
  return {
    throughput_ratio: ratio('up'),
    download_ratio: ratio('down'),
    connections_ratio: ratio('connections'),
    throughput_mbit: rounded(pace(withPostern, 'up'), 0),
    throughput_mbit_without: rounded(pace(without, 'up'), 0),
    download_mbit: rounded(pace(withPostern, 'down'), 0),
    download_mbit_without: rounded(pace(without, 'down'), 0),
    connections_per_s: rounded(pace(withPostern, 'connections'), 0),
    connections_per_s_without: rounded(pace(without, 'connections'), 0),
  };
}

/** The one program that only this bench needs is installed when it is asked for. */
function requireIperf(): void {
  const argv = ['test/setup.sh', '--packages-only', 'iperf3'];
  if (spawnSync('sh', argv, { cwd: repositoryRoot, stdio: 'inherit' }).status !== 0)
    throw new Error('the bench needs iperf3');
}

/** Returns the server of the streams, a process in the internet's namespace. */
async function prepare(lab: Lab): Promise<LabProcess> {
  for (const host of ['laptop', 'internet'] as const)
    await lab.run(host, ['ip', 'link', 'set', 'eth0', 'gso_max_segs', '1']);
  // An entry ends with its connection: else one turn's would be in the way of the next.
  for (const state of ['time_wait', 'close'])
    await lab.run('router', ['sysctl', '-q', `net.netfilter.nf_conntrack_tcp_timeout_${state}=0`]);
  const server = lab.spawn('internet', ['iperf3', '--server']);
  await sleep(500);
  return server;
}

async function guardedTurn(lab: Lab, server: LabProcess, pair: number): Promise<Samples> {
  const guard = await startGuard(lab, { name: `overhead-${pair}` });
  const samples = await turn(lab, server);
  await guard.stop();
  await lab.nft('delete', 'table', 'inet', 'postern');
  return samples;
}

async function turn(lab: Lab, server: LabProcess): Promise<Samples> {
  await lab.clearConntrack();
  await sleep(restMs);
  const internet = await server.hostPid();
  const iperf = (...more: string[]) => {
    const seconds = String(loadMs / 1000 + 2);
    return lab.spawn('laptop', ['iperf3', '--client', lab.addresses.web4, '--time', seconds, ...more]);
  };
  const up = await underLoad(iperf(), internet, ({ bytesIn }) => (bytesIn * 8) / 1e6);
  const down = await underLoad(iperf('--reverse'), internet, ({ bytesOut }) => (bytesOut * 8) / 1e6);
  const knocker = await lab.actor('laptop', 'connection-flood', {
    ...{ host: lab.addresses.closed4, rate: 0, maxConnections: 1e6, durationS: 10 },
  });
  const connections = await underLoad(knocker.process, internet, ({ packetsIn }) => packetsIn);
  const { attempts, refused } = await knocker.done;
  if (refused !== attempts) throw new Error(`of ${attempts} connections ${refused} were refused`);
  return { up, down, connections };
}

/** Samples what arrives at the internet while `load` runs, then ends it. */
async function underLoad(
  load: LabProcess,
  internet: number,
  read: (traffic: Traffic) => number,
): Promise<number[]> {
  // Slow start, and the program's own.
  await sleep(800);
  const samples: number[] = [];
  let before = await trafficOf(internet);
  for (const endMs = performance.now() + loadMs; performance.now() < endMs; ) {
    await sleep(sampleMs);
    const now = await trafficOf(internet);
    samples.push((read(now) - read(before)) / ((now.atMs - before.atMs) / 1000));
    before = now;
  }
  if (!load.running) throw new Error(`the load ended early: ${load.errors.join(' | ')}`);
  await load.stop();
  // iperf3's server takes one client at a time, and a moment to see that it has gone.
  await sleep(500);
  return samples;
}

interface Traffic {
  readonly atMs: number;
  readonly bytesIn: number;
  readonly packetsIn: number;
  readonly bytesOut: number;
}

/** The counters of the internet's link, by a process of its namespace. */
async function trafficOf(pid: number): Promise<Traffic> {
  const text = await readFile(`/proc/${pid}/net/dev`, 'latin1');
  const atMs = performance.now();
  const fields = /^\s*eth0:\s*(.*)$/m.exec(text)?.[1]?.split(/\s+/).map(Number) ?? [];
  const [bytesIn = Number.NaN, packetsIn = Number.NaN] = fields;
  return { atMs, bytesIn, packetsIn, bytesOut: fields[8] ?? Number.NaN };
}
