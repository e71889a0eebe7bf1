// A vitest reporter that leaves the run's figures in the file named by POSTERN_COUNTS.
import { writeFileSync } from 'node:fs';

export default class CountingReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      const before = counts.failed;
      for (const test of module.children.allTests()) count(counts, test.result().state);
      // A file that fails outside its tests (an import, a hook) counts once.
      if (module.state() === 'failed' && counts.failed === before) counts.failed++;
    }
    if (process.env.POSTERN_COUNTS) writeFileSync(process.env.POSTERN_COUNTS, JSON.stringify(counts));
  }
}

function count(counts, state) {
  if (state === 'passed') counts.passed++;
  else if (state === 'failed') counts.failed++;
  else counts.skipped++;
}
