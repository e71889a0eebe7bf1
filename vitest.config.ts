import { defineConfig } from 'vitest/config';

const lab = ['test/lab/**/*.test.ts', 'test/**/*.lab.test.ts'];

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
          // Each file has a lab of its own; two at once on two cores would measure each other's load.
          pool: 'forks',
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // The lab's figures (messages leaked, milliseconds) should not be taken while unit tests load the machine.
          sequence: { groupOrder: 1 },
        },
      },
    ],
    coverage: { include: ['daemon/**'], reporter: ['text-summary', 'html'] },
  },
});
