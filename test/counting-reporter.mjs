// A vitest reporter that leaves the run's figures, and what failed, by file, in the file named by POSTERN_COUNTS.
import { writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

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
    failures: [],
  };
  for (const test of module.children.allTests()) {
    const { state, errors } = test.result();
    count(figures, state);
    if (state === 'failed') figures.failures.push(`${test.fullName}: ${firstLine(errors)}`);
  }
  // A file that fails outside its tests (an import, a hook) counts once.
  if (module.state() === 'failed' && figures.failed === 0) {
    figures.failed = 1;
    figures.failures.push(firstLine(module.errors()));
  }
  return figures;
}

function firstLine(errors) {
  const message = stripVTControlCharacters(errors?.[0]?.message ?? 'it says no error');
  return message.split('\n', 1)[0].slice(0, 300);
}

function count(figures, state) {
  if (state === 'passed') figures.passed++;
  else if (state === 'failed') figures.failed++;
  else figures.skipped++;
}
