import { parseArgs } from 'node:util';
import { labObstacle } from '../lab/obstacle.ts';
import type { Bench } from './bench-types.ts';
import { budgets } from './budgets.ts';
import { detect } from './detect.ts';
import { flash } from './flash.ts';
import { fleet } from './fleet.ts';
import { flood } from './flood.ts';
import { latency } from './latency.ts';
import { leak } from './leak.ts';
import { memory } from './memory.ts';
import { overhead } from './overhead.ts';
import { page } from './page.ts';
import { parse } from './parse.ts';
import { replay } from './replay.ts';
import { stalled } from './stalled.ts';
import { who } from './who.ts';

const benches: readonly Bench[] = [
  leak,
  latency,
  parse,
  memory,
  overhead,
  flood,
  budgets,
  detect,
  replay,
  flash,
  fleet,
  stalled,
  who,
  page,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    data: { type: 'string' },
    part: { type: 'string' },
    only: { type: 'string' },
    seed: { type: 'string' },
  },
});
const { json: isJson, ...options } = values;
const [name, ...rest] = positionals;
const bench = benches.find((one) => one.name === name);
const obstacle = bench?.withoutLab ? undefined : labObstacle();

if (bench === undefined || rest.length > 0) {
  if (name !== undefined) console.error(`no bench ${[name, ...rest].join(' ')}`);
  console.log('npm run bench -- NAME [--json]\n');
  for (const { name: known, about } of benches) console.log(`  ${known.padEnd(8)} ${about}`);
  process.exitCode = name === undefined ? 0 : 2;
} else if (obstacle !== undefined) {
  console.error(obstacle);
  process.exitCode = 1;
} else {
  try {
    const figures = await bench.run(isJson ? () => undefined : (line) => console.log(line), options);
    console.log(JSON.stringify(figures));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
