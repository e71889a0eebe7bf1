import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { faults } from './faults.ts';
import { faultsPage } from './page.ts';

test('docs/faults.md shows every row with its bounds', () => {
  expect(readFileSync('docs/faults.md', 'utf8'), 'run node build.mjs --docs').toBe(faultsPage());
  expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
});
