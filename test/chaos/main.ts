import { parseArgs } from 'node:util';
import { labObstacle } from '../lab/obstacle.ts';
import { runChaos } from './chaos.ts';
import { faultsOf } from './verdict.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const obstacle = labObstacle();

if (!(minutes > 0 && minutes <= 600) || !Number.isSafeInteger(seed)) {
  console.error('npm run chaos -- [--minutes 10] [--seed 1]: minutes from 0.1 to 600, seed a whole number');
  process.exitCode = 2;
} else if (obstacle !== undefined) {
  console.error(obstacle);
  process.exitCode = 1;
} else {
  const result = await runChaos({ minutes, seed, say: (line) => console.log(line) });
  console.log(JSON.stringify(result, null, 2));
  const wrong = faultsOf(result);
  for (const fault of wrong) console.log(`This went wrong: ${fault}.`);
  if (wrong.length === 0) console.log('Nothing was lost.');
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
