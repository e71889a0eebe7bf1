import { type Lab, startLab } from '../lab/lab.ts';
import type { Bench } from './bench-types.ts';
import { line, posternOf, warmUp } from './latency.ts';
import { type Stage, setStage } from './latency-runs.ts';
import { quantile, rounded } from './numbers.ts';

const rounds = 2;
const samples = 30;
const port = 1884;

/** What stands where the broker should be (false-broker.mjs). */
const kinds = ['stalled', 'garbage', 'closing'] as const;

/**
 * From a device's first connection to the element that holds it, as `latency` measures it, while the broker accepts and
 * then neither reads nor answers, sends garbage, or closes at once; against no broker at all right before or after
 * it. The ratio is the worst of the three.
 */
export const stalled: Bench = {
  name: 'stalled',
  about: 'what a decision takes while the broker is none, against no broker at all',
  async run(say) {
    const lab = await startLab();
    try {
      const stage = await setStage(lab, warmUp + samples);
      const times = { stalled: pair(), garbage: pair(), closing: pair() };
      for (let round = 1; round <= rounds; round += 1) {
        for (const [index, kind] of kinds.entries()) {
          const { without, withIt } = times[kind];
          const floor = async () => {
            without.push(...(await posternOf(lab, stage, `without-${kind}-${round}`)));
            await lab.clearConntrack();
          };
          // The order changes: the machine's pace meets both.
          const isFloorFirst = (round + index) % 2 === 0;
          if (isFloorFirst) await floor();
          withIt.push(...(await withFalseBroker(lab, stage, kind, round)));
          if (!isFloorFirst) await floor();
          say(`round ${round} of ${rounds}, ${kind}: ${line(withIt)}; without a broker: ${line(without)}`);
        }
      }
      await stage.stop();
      const median = (of: readonly number[]) => quantile(of, 0.5);
      const ratios = kinds.map((kind) => median(times[kind].withIt) / median(times[kind].without));
      return {
        ratio: rounded(Math.max(...ratios), 3),
        floor_median_ms: rounded(median(kinds.flatMap((kind) => times[kind].without)), 2),
        ...Object.fromEntries(kinds.map((kind) => [`${kind}_ms`, rounded(median(times[kind].withIt), 2)])),
        ...Object.fromEntries(kinds.map((kind, index) => [`${kind}_ratio`, rounded(ratios[index] ?? 0, 3)])),
      };
    } finally {
      await lab.stop();
    }
  },
};

const pair = () => ({ without: [] as number[], withIt: [] as number[] });

async function withFalseBroker(
  lab: Lab,
  stage: Stage,
  kind: (typeof kinds)[number],
  round: number,
): Promise<number[]> {
  const server = lab.spawn('router', ['node', 'test/bench/false-broker.mjs', String(port), kind]);
  await server.waitForLine(/^ready$/);
  const mqtt = { enabled: true, url: `mqtt://127.0.0.1:${port}` };
  const took = await posternOf(lab, stage, `${kind}-${round}`, { mqtt });
  await server.stop();
  await lab.clearConntrack();
  return took;
}
