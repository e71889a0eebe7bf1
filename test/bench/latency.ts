import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type GuardOptions, startGuard } from '../guard/guard.ts';
import { childrenOf } from '../lab/holder.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import type { Bench } from './bench-types.ts';
import { type Entry, type Knocker, type Stage, setStage } from './latency-runs.ts';
import { quantile, rounded } from './numbers.ts';

/** Loop and Postern by turns, since a machine is not equally fast at all times. */
const rounds = 4;
/** In each round, of each of the two: a start's first decisions are slower, and left out. */
export const warmUp = 15;
const samples = 50;

/**
 * From the moment conntrack printed a device's first connection to a mail server to the moment the element that holds
 * the device is in force. The preset `strict` decides at that one connection, so that each device is a whole
 * decision of the real daemon: line, identity, score, verdict, plan, nft.
 *
 * The beginning is conntrack's own time stamp in the line that the daemon read (the daemon's recording has it). The
 * end is the kernel's message about the set, see element-watch.pl. The floor is measured in the same way, with the
 * same connections: the least that can be done, a shell loop that starts one nft a line and decides nothing.
 */
export const latency: Bench = {
  name: 'latency',
  about: 'from the event of a first connection to the element that holds the device, against a shell loop',
  async run(say) {
    const lab = await startLab();
    try {
      const stage = await setStage(lab, warmUp + samples);
      const floor: number[] = [];
      const postern: number[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        const ofLoop = await floorOf(lab, stage);
        await lab.clearConntrack();
        const ofPostern = await posternOf(lab, stage, `postern-${round}`);
        await lab.clearConntrack();
        say(`round ${round}: a shell loop that starts nft, then Postern, ${samples} decisions each`);
        say(`  ${line(ofLoop)}`);
        say(`  ${line(ofPostern)}`);
        floor.push(...ofLoop);
        postern.push(...ofPostern);
      }
      say('all rounds');
      say(`  ${line(floor)}`);
      say(`  ${line(postern)}`);
      await stage.stop();
      return {
        median_ms: rounded(quantile(postern, 0.5), 2),
        p99_ms: rounded(quantile(postern, 0.99), 2),
        floor_median_ms: rounded(quantile(floor, 0.5), 2),
        floor_p99_ms: rounded(quantile(floor, 0.99), 2),
      };
    } finally {
      await lab.stop();
    }
  },
};

const loop = `
conntrack -E -p tcp --orig-port-dst 25 -e NEW -o timestamp | while read -r line; do
  source=\${line#* src=}
  nft add element inet floor blocked "{ \${source%% *} timeout 10m }"
  echo "$line"
done`;

async function floorOf(lab: Lab, stage: Stage): Promise<number[]> {
  await lab.nft('add', 'table', 'inet', 'floor');
  await lab.nft('add', 'set', 'inet', 'floor', 'blocked', '{ type ipv4_addr; flags timeout; }');
  const shell = lab.spawn('router', ['sh', '-c', loop]);
  await sleep(500);
  const entries = await stage.knockAll((set) => set === 'blocked', addressHex);
  const printed = new Map<string, number>();
  for (const text of shell.lines) {
    const [, at, source] = /^\[(\d+\.\d+)\].*? src=(\S+)/.exec(text) ?? [];
    if (source !== undefined && !printed.has(source)) printed.set(source, Number(at));
  }
  // Without conntrack the loop comes to its end.
  for (const pid of await childrenOf(await shell.hostPid())) process.kill(pid, 'SIGTERM');
  await shell.exited;
  await lab.nft('delete', 'table', 'inet', 'floor');
  return delays(stage, printed, entries);
}

/** What Postern takes for each of the stage's devices. Milliseconds. */
export async function posternOf(
  lab: Lab,
  stage: Stage,
  name: string,
  options: Pick<GuardOptions, 'mqtt'> = {},
): Promise<number[]> {
  const record = join(lab.dir, `${name}.jsonl`);
  const guard = await startGuard(lab, {
    ...options,
    name,
    record,
    main: { preset: 'strict', max_bans: 512 },
    // Named, as by an owner: else they would all be strangers and share one budget.
    devices: stage.knockers.map(({ mac }) => ({ mac })),
  });
  // The rest of a start: updates of the surroundings, the first listing.
  await sleep(2000);
  const entries = await stage.knockAll((set) => set === 'restricted_mac', macHex);
  await guard.stop();
  // What it leaves in force would hold the same devices in the next round.
  await lab.nft('delete', 'table', 'inet', 'postern');
  return delays(stage, printTimes(await readFile(record, 'utf8')), entries);
}

/** When conntrack printed the first line about each source. */
function printTimes(recording: string): Map<string, number> {
  const printed = new Map<string, number>();
  for (const text of recording.split('\n')) {
    if (!text.startsWith('{"type":"flow"')) continue;
    const { flow } = JSON.parse(text) as { flow: { kind: string; src: string; printedAtS?: number } };
    if (flow.kind === 'new' && flow.printedAtS !== undefined && !printed.has(flow.src))
      printed.set(flow.src, flow.printedAtS);
  }
  return printed;
}

/** Milliseconds of every sample after the warm-up. A sample without a beginning or an end fails the bench. */
function delays(
  stage: Stage,
  printed: ReadonlyMap<string, number>,
  entries: ReadonlyMap<string, Entry>,
): number[] {
  return stage.knockers.slice(warmUp).map(({ ip4 }) => {
    const from = printed.get(ip4);
    const to = entries.get(ip4)?.atS;
    if (from === undefined || to === undefined) {
      throw new Error(
        `${ip4}: ${from === undefined ? 'no event was seen' : 'its element never came into force'}`,
      );
    }
    return (to - from) * 1000;
  });
}

/** The spread of some times, in words. */
export function line(values: readonly number[]): string {
  const at = (share: number) => `${quantile(values, share).toFixed(2)} ms`;
  return `median ${at(0.5)}, 90 % ${at(0.9)}, 99 % ${at(0.99)}, longest ${at(1)}`;
}

function addressHex({ ip4 }: Knocker): string {
  return ip4
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('');
}

function macHex({ mac }: Knocker): string {
  return mac.replaceAll(':', '');
}
