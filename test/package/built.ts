import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildPackages } from '../../openwrt-package/build/build-packages.ts';

/** Runs `look` with a folder of freshly built packages, and what was said of each. */
export function withPackages<T>(look: (folder: string, lines: readonly string[]) => T, root = '.'): T {
  const out = mkdtempSync(join(tmpdir(), 'postern-packages-'));
  try {
    return look(out, buildPackages({ root: resolve(root), dist: resolve('dist'), out }));
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** The .ipk of the daemon, or of another package. */
export const builtIpk = (name = 'postern'): Buffer =>
  withPackages((folder) => readFileSync(join(folder, `${name}_0.1.0-r1_all.ipk`)));
