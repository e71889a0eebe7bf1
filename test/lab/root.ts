import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder: the nearest one above this module, bundled or not, that has a package.json. */
export const repositoryRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

/** The path of a file that lies in test/lab as it is (script, ruleset), wherever this module was bundled to. */
export function labFile(name: string): string {
  return join(repositoryRoot, 'test', 'lab', name);
}

function findRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const above = dirname(from);
  if (above === from) throw new Error('no package.json above the lab');
  return findRoot(above);
}
