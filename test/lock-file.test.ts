import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Locked {
  readonly resolved?: string;
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages }: { packages: Readonly<Record<string, Locked>> } = JSON.parse(
  readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'),
);

const matrix: { packages: Readonly<Record<string, Locked>> } = JSON.parse(
  readFileSync(new URL('matrix/package-lock.json', import.meta.url), 'utf8'),
);

test('no lock file has download addresses', () => {
  const all = [...Object.values(packages), ...Object.values(matrix.packages)];
  expect(all.filter(({ resolved }) => resolved !== undefined)).toEqual([]);
});

// `npm ci` of npm 11 refuses a lock file that lacks the binaries of another platform, whether or not they are wanted.
test('every optional package is locked, for all platforms', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
});
