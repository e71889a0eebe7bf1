import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const lab = ['test/lab/**/*.test.ts', 'test/**/*.lab.test.ts'];

/** The nft and conntrack of another Debian release, if test/run.mjs could have them. */
const otherTools = resolve('.cache/tools/trixie/bin');
const withOtherTools = [
  ...['table', 'script', 'counts'].map((name) => `test/enforcement/${name}.lab.test.ts`),
  ...['drift', 'life'].map((name) => `test/guard/${name}.lab.test.ts`),
];
/** These load the machine on purpose, or measure: each has it for itself. */
const alone = [
  ...['flood', 'full', 'spoofed', 'leak', 'mqtt-requests'].map((name) => `test/guard/${name}.lab.test.ts`),
  'test/chaos/chaos.lab.test.ts',
  'test/enforcement/budgets.lab.test.ts',
  'test/conntrack/listener.lab.test.ts',
  'test/system/mqtt-inbox.lab.test.ts',
];
/** With patience: the machine may have other work. */
const patient = { pool: 'forks', testTimeout: 120_000, hookTimeout: 120_000 } as const;
const inSeries = { ...patient, maxWorkers: 1 } as const;
/** Each file has a lab of its own and mostly waits: four on two cores use half of one, and the virtual machine gives way. */
const together = { ...patient, maxWorkers: Math.max(2, 2 * availableParallelism()) } as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: lab,
          // Not threads: they share descriptors, and two that start and end programs at once have ended Node 22.
          pool: 'forks',
          maxWorkers: availableParallelism(),
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'lab',
          include: lab,
          exclude: alone,
          ...together,
          // The lab's figures (messages leaked, milliseconds) should not be taken while unit tests load the machine.
          sequence: { groupOrder: 1 },
        },
      },
      { test: { name: 'alone', include: alone, ...inSeries, sequence: { groupOrder: 2 } } },
      ...(existsSync(otherTools)
        ? [
            {
              test: {
                name: 'trixie',
                include: withOtherTools,
                ...together,
                env: { PATH: `${otherTools}:${process.env['PATH'] ?? ''}` },
                sequence: { groupOrder: 3 },
              },
            },
          ]
        : []),
    ],
    coverage: { include: ['daemon/**'], reporter: ['text-summary', 'html'] },
  },
});
