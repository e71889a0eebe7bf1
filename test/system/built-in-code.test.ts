import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { afterAll, expect, test } from 'vitest';
import { flags } from '../guard/guard.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-code-'));
afterAll(() => rmSync(folder, { recursive: true }));

const source = fileURLToPath(new URL('../../daemon/system/built-in-code.ts', import.meta.url));
const module = transformSync(readFileSync(source, 'utf8'), { loader: 'ts', format: 'cjs', target: 'node20' });
const script = join(folder, 'script.cjs');
// Node's own tests ask it in this way which modules it compiled; node:net comes before the flags are set again, node:dns after.
writeFileSync(
  script,
  `const v8 = require('node:v8');
   const { setFlagsFromString } = v8;
   const set = [];
   v8.setFlagsFromString = (words) => void (set.push(words), setFlagsFromString(words));
   ${module.code}
   require('node:net');
   module.exports.restoreFlags();
   require('node:dns');
   const { getCacheUsage } = require('internal/test/binding').internalBinding('builtins');
   const { compiledWithCache, compiledWithoutCache } = getCacheUsage();
   const how = (name) => (compiledWithCache.has(name) ? 'cached' : compiledWithoutCache.has(name) ? 'compiled' : 'unknown');
   const { heap_size_limit } = v8.getHeapStatistics();
   process.stdout.write(JSON.stringify({ net: how('net'), dns: how('dns'), heapMb: heap_size_limit / 2 ** 20, set }));`,
);

function startedWith(...given: readonly string[]): { readonly set?: readonly string[] } {
  const { stdout, stderr } = spawnSync(process.execPath, [...given, '--expose-internals', script], {
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Node 22 and later switch off more by `--no-opt` than `--opt` switches on again: they start as before. */
const isNode20 = process.versions.node.startsWith('20.');

test("Node's own modules come compiled under the service's flags, and the flags are set again", () => {
  expect(startedWith(...flags)).toMatchObject({ net: isNode20 ? 'cached' : 'compiled', dns: 'compiled' });
});

test('the heap is as small as the flags say', () => {
  expect(startedWith(...flags)).toMatchObject({ heapMb: expect.closeTo(25, -1) });
});

test('where code may not be made at all, no compiler is switched on: Node 24 would use it, and crash', () => {
  expect(startedWith(...flags).set).toContain('--sparkplug');
  for (const flag of ['--lite-mode', '--lite_mode', '--jitless'])
    expect(startedWith(...flags, flag)).toMatchObject({ net: 'compiled', dns: 'compiled', set: [] });
});

test('without flags, and with flags of somebody else, nothing is changed', () => {
  expect(startedWith()).toMatchObject({ net: 'cached', dns: 'cached' });
  expect(startedWith('--no-opt', '--stack-size=900')).toMatchObject({ net: 'compiled', dns: 'compiled' });
});
