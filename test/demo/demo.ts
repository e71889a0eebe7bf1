import { type Lab, startLab } from '../lab/lab.ts';
import { labObstacle } from '../lab/obstacle.ts';
import { whatToTry } from './keep.ts';
import { tellStory } from './story.ts';
import { startTelling } from './teller.ts';
import { faultsOf } from './verdict.ts';

/**
 * The story of one infected camera, told in the lab. Exits with 0 only if the guard did what it promises, by what was
 * counted alone. With `--keep` the home stays up afterwards until Ctrl-C.
 */
async function main(): Promise<number> {
  const obstacle = labObstacle();
  if (obstacle !== undefined) {
    console.error(`The demo cannot run here. ${obstacle}`);
    return 1;
  }
  const teller = startTelling();
  lab = await startLab();
  const devices = Object.keys(lab.devices).length;
  teller.say(`A home is up, in network namespaces of its own: a router, ${devices} devices, an internet.`);
  const { figures, guard, followEvents } = await tellStory(lab, teller);
  const faults = faultsOf(figures);
  for (const fault of faults) teller.say(`This went wrong: ${fault}.`);
  if (faults.length === 0) teller.say('The story held: only the spam was stopped.');
  if (!process.argv.includes('--keep')) return faults.length === 0 ? 0 : 1;
  teller.show(['', ...whatToTry(lab, guard), '']);
  followEvents();
  return new Promise(() => {});
}

let lab: Lab | undefined;
let ending: Promise<never> | undefined;

/** Ends the home, whatever still goes on in it, then the process. Only the first call counts. */
function end(code: number): Promise<never> {
  ending ??= Promise.resolve(lab?.stop()).then(() => process.exit(code));
  return ending;
}

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
for (const [signal, code] of Object.entries(signals)) process.on(signal, () => void end(code));

main().then(end, (error: unknown) => {
  // A story that was interrupted fails everywhere at once, and that is no news.
  if (ending !== undefined) return ending;
  console.error(`The demo broke off: ${error instanceof Error ? error.message : String(error)}`);
  return end(1);
});
