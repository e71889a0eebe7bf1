import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const imports = 'lint/style/noRestrictedImports';
const globals = 'lint/style/noRestrictedGlobals';

interface Planted {
  readonly line: string;
  /** The rule that must object, or undefined where nothing may. */
  readonly rule: string | undefined;
  readonly folder?: string;
}

const planted: readonly Planted[] = [
  { line: "import { readFileSync as x } from 'node:fs';", rule: imports },
  { line: "import type { Stats as x } from 'node:fs/promises';", rule: imports },
  { line: "import { connect as x } from 'mqtt';", rule: imports },
  { line: "import { pino as x } from 'pino';", rule: imports },
  { line: "import { version as x } from '../system/version.ts';", rule: imports },
  { line: "import { main as x } from '../main.ts';", rule: imports },
  { line: "import { session as x } from '../mqtt/session.ts';", rule: imports },
  { line: "import { connection as x } from '../control/connection.ts';", rule: imports },
  { line: "import type { Request as x } from '../control/request.ts';", rule: undefined },
  { line: "import type { Input as x } from '../engine/input.ts';", rule: imports, folder: 'detection' },
  { line: "import { version as x } from '../system/version.ts';", rule: imports, folder: 'mqtt' },
  { line: 'const x = Date.now();', rule: globals },
  { line: 'const x = new Date();', rule: globals },
  { line: 'const x = performance.now();', rule: globals },
  { line: 'const x = setTimeout(() => {}, 1);', rule: globals },
  { line: 'const x = setInterval(() => {}, 1);', rule: globals, folder: 'mqtt' },
  { line: 'const x = process.env;', rule: globals },
  { line: 'const x = globalThis.setTimeout;', rule: globals },
  { line: 'const x = Math.random();', rule: 'lint/nursery/noJsRestrictedProperties' },
  { line: 'async function x() {}\nexport function y() { x(); }', rule: 'lint/nursery/noFloatingPromises' },
  { line: 'const x = Date.now();', rule: undefined, folder: 'system' },
  { line: "import { readFileSync as x } from 'node:fs';", rule: undefined, folder: 'system' },
];

/** Lints the plants with our configuration in a tree of their own; category of each complaint by file. */
function complaints(folder: string): Map<string, string[]> {
  copyFileSync(join(root, 'biome.json'), join(folder, 'biome.json'));
  copyFileSync(join(root, '.gitignore'), join(folder, '.gitignore'));
  for (const [index, { line, folder: layer = 'engine' }] of planted.entries()) {
    mkdirSync(join(folder, 'daemon', layer), { recursive: true });
    writeFileSync(join(folder, 'daemon', layer, `planted-${index}.ts`), `${line}\nexport const z = x;\n`);
  }
  const biome = join(root, 'node_modules/.bin/biome');
  const { stdout } = spawnSync(biome, ['lint', '--reporter=json', '--max-diagnostics=none'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const found = new Map<string, string[]>();
  for (const { category, location } of JSON.parse(stdout).diagnostics) {
    const file = basename(typeof location.path === 'string' ? location.path : location.path.file);
    found.set(file, [...(found.get(file) ?? []), category]);
  }
  return found;
}

const folder = mkdtempSync(join(tmpdir(), 'postern-layers-'));
const found = complaints(folder);
rmSync(folder, { recursive: true });

test.each(planted.map((plant, index) => ({ ...plant, index, layer: plant.folder ?? 'engine' })))(
  'in $layer: $line',
  ({ rule, index }) => {
    const categories = found.get(`planted-${index}.ts`) ?? [];
    if (rule === undefined)
      expect(categories.filter((category) => [imports, globals].includes(category))).toEqual([]);
    else expect(categories).toContain(rule);
  },
);
