// The version matrix: the unit tests, the replay of recorded traffic and one story of the lab on Node 22 and 24, and the
// bundle on the Node of another processor (aarch64, emulated by qemu-user). `npm run matrix -- node-22` runs one row.
// The last line is `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const cache = join(root, '.cache', 'matrix');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const story = 'test/guard/broker.lab.test.ts';
/** Its other tests bound memory, which is Node 20's: 24 takes more for the same. */
const told = ['-t', 'for a whole incident'];
/** Everything that a user replays, and one whole recording of the kernel. */
const logs = [
  ...['argus.binetflow', 'conntrack.log', 'flows.jsonl', 'nfdump.csv', 'zeek-conn.json', 'zeek-conn.log'].map(
    (name) => `test/replay/fixtures/${name}`,
  ),
  'test/fixtures/conntrack-1.4.7/sessions.log',
];
const heap = ['--optimize-for-size', '--no-opt', '--no-sparkplug', '--max-semi-space-size=1'];
const sample = {
  postern: { '.type': 'postern', '.name': 'main', mode: 'guard', node: 'matrix' },
  hall: { '.type': 'device', mac: '02:00:00:00:00:05', class: 'iot', relay: ['192.0.2.7:587'] },
};

/** What takes longer hangs, and has failed. */
const questionMs = 120_000;
const suiteMs = 900_000;

/** What is asked of every Node: the same bytes come from each. */
const questions = (config) => [
  ['--version'],
  ...logs.map((log) => ['replay', '--json', '--lan', '0.0.0.0/0', '--class', 'iot', log]),
  ['check', config],
  ['ruleset', '--config', config],
  ['ruleset', '--static', '--config', config],
];
/** And once with `lowmem`, under which V8 makes no code at all. */
const lowmem = [
  ...heap,
  '--lite-mode',
  'dist/postern.cjs',
  'replay',
  '--json',
  '--lan',
  '0.0.0.0/0',
  logs.at(-1),
];

process.exitCode = main(process.argv.slice(2));

function main(asked) {
  const nodes = getNodes();
  const rows = asked.length > 0 ? asked : Object.keys(nodes);
  const unknown = rows.filter((row) => !(row in nodes));
  if (unknown.length > 0) {
    console.error(`matrix: unknown ${unknown.join(', ')}; there are ${Object.keys(nodes).join(', ')}`);
    return 2;
  }
  const config = join(cache, 'config.json');
  writeFileSync(config, JSON.stringify(sample));
  const wanted = answers(process.execPath, config);
  let passed = 0;
  let failed = 0;
  const count = (row, what, isGood) => {
    console.log(`${isGood ? 'passed' : 'FAILED'}: ${row}, ${what}`);
    if (isGood) passed += 1;
    else failed += 1;
  };
  for (const row of rows) {
    const { bin, program, runsUnitTests } = nodes[row];
    console.log(
      `${row}: ${text(spawnSync(join(bin, 'node'), ['-p', 'process.version + " " + process.arch']))}`,
    );
    const got = answers(join(bin, 'node'), config);
    for (const [index, question] of questions(config).entries())
      count(row, `the same answer to postern ${question.join(' ')}`, got[index] === wanted[index]);
    count(row, 'an answer with lowmem', ask(join(bin, 'node'), lowmem).status === 0);
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}:/usr/sbin:/sbin` };
    const run = (node, args) =>
      spawnSync(node, [vitest, 'run', ...args], { cwd: root, stdio: 'inherit', env, timeout: suiteMs })
        .status === 0;
    if (runsUnitTests) count(row, 'the unit tests', run(program, ['--project', 'unit']));
    count(row, `the story ${story}`, run(process.execPath, ['--project', 'lab', story, ...told]));
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** Exit code and outputs of the bundle to every question, one text each. */
function answers(node, config) {
  return questions(config).map((question) => {
    const run = ask(node, [...heap, 'dist/postern.cjs', ...question]);
    return JSON.stringify([run.status, run.stdout, run.stderr]);
  });
}

function ask(node, args) {
  return spawnSync(node, args, { cwd: root, encoding: 'utf8', timeout: questionMs });
}

/** The Nodes, each in a folder of its own in which it is called node. Installed once, and again if the list changed. */
function getNodes() {
  const lock = readFileSync(join(here, 'package-lock.json'), 'utf8');
  const stamp = join(cache, 'stamp');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
    mkdirSync(cache, { recursive: true });
    for (const name of ['package.json', 'package-lock.json']) cpSync(join(here, name), join(cache, name));
    // Forced, since npm would refuse the program of another processor; the lock file's checksums hold all the same.
    const args = ['ci', '--force', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const { status } = spawnSync('npm', args, { cwd: cache, stdio: 'inherit' });
    if (status !== 0) throw new Error('the other versions of Node cannot be had from the registry');
    writeFileSync(stamp, lock);
  }
  const packaged = (name) => join(cache, 'node_modules', name, 'bin');
  const own = (name) => ({ bin: packaged(name), program: join(packaged(name), 'node'), runsUnitTests: true });
  return {
    'node-22': own('node-22'),
    'node-24': own('node-24'),
    'node-arm64': emulated(packaged('node-arm64')),
  };
}

/** A script called node that runs the Node of another processor, with Debian's libraries for it. */
function emulated(packaged) {
  const bin = join(cache, 'arm64');
  mkdirSync(bin, { recursive: true });
  const program = join(bin, 'node');
  writeFileSync(program, `#!/bin/sh\nexec qemu-aarch64 -L /usr/aarch64-linux-gnu ${packaged}/node "$@"\n`, {
    mode: 0o755,
  });
  return { bin, program, runsUnitTests: false };
}

function text({ stdout }) {
  return String(stdout ?? '').trim() || 'it does not run';
}
