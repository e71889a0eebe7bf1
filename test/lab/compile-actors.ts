import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { labFile, repositoryRoot } from './root.ts';

let compiled: Promise<string> | undefined;

/**
 * Bundles every actor, once per process, and returns the folder with the runnable modules. The files are put
 * in place by rename: test files run in several processes, and none may start what another is just writing.
 */
export function compileActors(): Promise<string> {
  compiled ??= bundle();
  return compiled;
}

async function bundle(): Promise<string> {
  const folder = join(repositoryRoot, '.cache', 'lab');
  // Compiled before the virtual machine was started, in which that would take long.
  if (process.env['POSTERN_COMPILED'] !== undefined) return folder;
  const { build } = await import('esbuild');
  await mkdir(folder, { recursive: true });
  const sources = (await readdir(labFile('actors'))).filter((name) => name.endsWith('.ts'));
  const { outputFiles } = await build({
    entryPoints: sources.map((name) => join(labFile('actors'), name)),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
    write: false,
  });
  await Promise.all(
    outputFiles.map(async ({ path, contents }) => {
      const before = await readFile(path).catch(() => undefined);
      if (before?.equals(contents)) return;
      const temporary = join(folder, `.${basename(path)}.${process.pid}`);
      await writeFile(temporary, contents);
      await rename(temporary, path);
    }),
  );
  return folder;
}
