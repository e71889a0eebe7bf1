import { labObstacle } from '../lab/obstacle.ts';
import type { Bench } from './bench-types.ts';
import { latency } from './latency.ts';

const benches: readonly Bench[] = [latency];

const [name, ...rest] = process.argv.slice(2).filter((argument) => argument !== '--json');
const isJson = process.argv.includes('--json');
const bench = benches.find((one) => one.name === name);
const obstacle = labObstacle();

if (bench === undefined || rest.length > 0) {
  if (name !== undefined) console.error(`no bench ${[name, ...rest].join(' ')}`);
  console.log('npm run bench -- NAME [--json]\n');
  for (const { name: known, about } of benches) console.log(`  ${known.padEnd(8)} ${about}`);
  process.exitCode = name === undefined ? 0 : 2;
} else if (obstacle !== undefined) {
  console.error(obstacle);
  process.exitCode = 1;
} else {
  const figures = await bench.run(isJson ? () => undefined : (line) => console.log(line));
  console.log(JSON.stringify(figures));
}
