// Runs a TypeScript entry on Node 20: bundles it (npm packages stay outside) into .cache/ts and imports it.
import { mkdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Bundles `entry` (a path below the repository) and returns the path of the runnable module. */
export async function compile(entry) {
  const outfile = join(root, '.cache', 'ts', `${basename(entry).replace(/\.ts$/, '')}.mjs`);
  mkdirSync(dirname(outfile), { recursive: true });
  await build({
    entryPoints: [resolve(root, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'error',
  });
  return outfile;
}

const [, self, entry, ...args] = process.argv;
if (self && resolve(self) === fileURLToPath(import.meta.url)) {
  if (!entry) {
    console.error('usage: node test/ts.mjs FILE.ts [ARG ...]');
    process.exit(2);
  }
  const file = await compile(entry);
  process.argv.splice(1, 2, file);
  process.argv.splice(2, Number.POSITIVE_INFINITY, ...args);
  await import(pathToFileURL(file).href);
}
