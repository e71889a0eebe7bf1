import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const lab = ['test/lab/**/*.test.ts', 'test/**/*.lab.test.ts'];
/** Minutes of an emulated processor: only `npm run test:vm` asks for it. */
const machine = 'test/vm/**/*.lab.test.ts';
const isMachineAsked = process.argv.includes('vm');

/** The nft and conntrack of another Debian release, if test/run.mjs could have them. */
const otherTools = resolve('.cache/tools/trixie/bin');
const withOtherTools = [
  ...['table', 'script', 'counts'].map((name) => `test/enforcement/${name}.lab.test.ts`),
  ...['drift', 'life'].map((name) => `test/guard/${name}.lab.test.ts`),
];
/** One after the other, with patience: the machine may have other work. */
const inSeries = {
  ...{ pool: 'forks', maxWorkers: 1 },
  ...{ testTimeout: 120_000, hookTimeout: 120_000 },
} as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: lab,
          pool: 'threads',
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'lab',
          include: lab,
          exclude: [machine],
          // Each file has a lab of its own; two at once on two cores would measure each other's load.
          ...inSeries,
          // The lab's figures (messages leaked, milliseconds) should not be taken while unit tests load the machine.
          sequence: { groupOrder: 1 },
        },
      },
      ...(isMachineAsked ? [{ test: { name: 'vm', include: [machine], ...inSeries } }] : []),
      ...(existsSync(otherTools)
        ? [
            {
              test: {
                name: 'trixie',
                include: withOtherTools,
                ...inSeries,
                env: { PATH: `${otherTools}:${process.env['PATH'] ?? ''}` },
                sequence: { groupOrder: 2 },
              },
            },
          ]
        : []),
    ],
    coverage: { include: ['daemon/**'], reporter: ['text-summary', 'html'] },
  },
});
