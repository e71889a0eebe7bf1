// Runs all tests: builds, then the unit tests, then (as root) the lab's. Arguments go to vitest.
// The last line is `N passed, N failed, N skipped`; a lab file that could not run counts as one skipped.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compile } from './ts.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const counts = join(root, '.cache', `test-counts-${process.pid}.json`);
const env = {
  ...process.env,
  PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`,
  POSTERN_COUNTS: counts,
};

/** Files of the lab that failed and are run once more; that more fail has another cause than a busy machine. */
const mostAgain = 3;

process.exitCode = await main(process.argv.slice(2));

async function main(args) {
  const built = spawnSync(process.execPath, ['build.mjs'], { cwd: root, stdio: 'inherit' });
  if (built.status !== 0) {
    console.log('0 passed, 1 failed, 0 skipped');
    return 1;
  }
  const { labObstacle } = await import(pathToFileURL(await compile('test/lab/obstacle.ts')).href);
  const obstacle = labObstacle();
  const labFiles = obstacle
    ? readdirSync(join(root, 'test'), { recursive: true }).filter(isLabTest).length
    : 0;
  if (obstacle) console.log(`Skipped: the lab's tests (${labFiles} files). ${obstacle}`);
  const toolsMissed = obstacle ? undefined : otherTools();
  if (toolsMissed)
    console.log(`Skipped: the guard with the nft and conntrack of Debian trixie. ${toolsMissed}`);
  mkdirSync(dirname(counts), { recursive: true });
  const first = await vitest([...args, ...(obstacle ? ['--project', 'unit'] : [])]);
  const last = await again(first);
  tell('Failed', last.files);
  const { status, passed, failed, skipped } = sum(last);
  const labMissed = labFiles > 0 && isTrue(process.env.CI);
  if (labMissed) console.log('The lab may not be skipped where CI=true.');
  // A run that failed without a failed test (a crash, an unhandled rejection) still shows as a failure.
  const failures = failed + (labMissed ? labFiles : 0) || (status === 0 ? 0 : 1);
  console.log(`${passed} passed, ${failures} failed, ${skipped + (labMissed ? 0 : labFiles)} skipped`);
  return failures > 0 ? status || 1 : 0;
}

/**
 * The lab's tests wait for real processes on a machine that may have other work. A file of theirs that failed is run
 * once more, in a lab of its own, and both runs are shown. What fails twice has failed, as has any other test at once.
 */
async function again(first) {
  const failed = first.files.filter(({ failed }) => failed > 0);
  const isLab = failed.every(({ project }) => project !== 'unit');
  if (failed.length === 0 || failed.length > mostAgain || first.errors > 0 || !isLab) return first;
  console.log(`Run once more: ${failed.map(({ project, file }) => `${file} (${project})`).join(', ')}`);
  const second = [];
  for (const { project, file } of failed) second.push(await vitest(['--project', project, file]));
  const status = Math.max(...second.map((run) => run.status));
  tell('Failed at first', failed);
  const files = [
    ...first.files.filter((one) => !failed.includes(one)),
    ...second.flatMap((run) => run.files),
  ];
  const errors = second.reduce((total, run) => total + run.errors, 0);
  return { status, files, errors };
}

function sum({ status, files, errors }) {
  const totals = { status, passed: 0, failed: errors, skipped: 0 };
  for (const file of files) for (const name of ['passed', 'failed', 'skipped']) totals[name] += file[name];
  return totals;
}

/** Says at the end, where it is looked for, what failed and with which error. */
function tell(how, files) {
  for (const { project, file, failures } of files)
    for (const failure of failures) console.log(`${how}: ${file} (${project}): ${failure}`);
}

/** Gets the tools of the other generation, once; returns why it cannot. */
function otherTools() {
  const made = spawnSync('sh', ['test/versions/make-tools.sh', 'trixie', join(root, '.cache/tools/trixie')], {
    cwd: root,
    encoding: 'utf8',
    timeout: 300_000,
  });
  return made.status === 0 ? undefined : made.stderr.trim().split('\n').at(-1) || 'it cannot be had';
}

function isLabTest(path) {
  return /^lab\/.*\.test\.ts$|\.lab\.test\.ts$/.test(path);
}

/** Runs vitest; signals reach it too, so that a lab is torn down before we end. Returns its exit code and figures. */
async function vitest(args) {
  const reporters = ['--reporter=default', `--reporter=${join(root, 'test/counting-reporter.mjs')}`];
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args], {
    cwd: root,
    stdio: 'inherit',
    env,
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const status = await new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
  return { status, ...readCounts() };
}

function readCounts() {
  try {
    return JSON.parse(readFileSync(counts, 'utf8'));
  } catch {
    return { files: [], errors: 0 };
  } finally {
    rmSync(counts, { force: true });
  }
}

function isTrue(value) {
  return value === 'true' || value === '1';
}
