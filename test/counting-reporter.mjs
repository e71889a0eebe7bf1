// A vitest reporter that leaves the run's figures, by file, in the file named by POSTERN_COUNTS.
import { writeFileSync } from 'node:fs';

export default class CountingReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const files = modules.map(figuresOf);
    if (process.env.POSTERN_COUNTS)
      writeFileSync(process.env.POSTERN_COUNTS, JSON.stringify({ files, errors: unhandledErrors.length }));
  }
}

function figuresOf(module) {
  const figures = {
    project: module.project.name,
    file: module.relativeModuleId,
    passed: 0,
    failed: 0,
    skipped: 0,
  };
  for (const test of module.children.allTests()) count(figures, test.result().state);
  // A file that fails outside its tests (an import, a hook) counts once.
  if (module.state() === 'failed' && figures.failed === 0) figures.failed = 1;
  return figures;
}

function count(figures, state) {
  if (state === 'passed') figures.passed++;
  else if (state === 'failed') figures.failed++;
  else figures.skipped++;
}
