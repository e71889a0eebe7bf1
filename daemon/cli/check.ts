import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { formatProblem, type Problem } from '../config/problem.ts';
import { readConfig } from '../config/read-config.ts';
import { printable, printableJson } from '../control/printable.ts';
import type { Terminal } from './ask.ts';
import { exitCodes } from './exit-codes.ts';

/** Checks a configuration file and prints every problem. Returns 0, or 78 where the daemon would refuse to start. */
export function checkConfig(file: string, json: boolean, terminal: Terminal): number {
  const reading = readFile(file);
  const problems: readonly Problem[] = reading.ok ? reading.warnings : reading.problems;
  if (json) {
    terminal.out(`${printableJson({ schema: 1, ok: reading.ok, problems }, 2)}\n`);
  } else {
    for (const problem of problems)
      terminal.out(`${problem.severity}: ${printable(formatProblem(problem))}\n`);
    if (reading.ok) terminal.out(`${printable(file)} is in order.\n`);
  }
  return reading.ok ? exitCodes.ok : exitCodes.config;
}

/** What a configuration file says, as the daemon takes it; undefined where it cannot be read, or has mistakes. */
export function configIn(file: string): Config | undefined {
  const reading = readFile(file);
  return reading.ok ? reading.config : undefined;
}

function readFile(file: string): ReturnType<typeof readConfig> {
  const refuse = (message: string, remedy: string): ReturnType<typeof readConfig> => ({
    ok: false,
    problems: [{ option: file, message, remedy, severity: 'error' }],
  });
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return refuse(
      error instanceof Error ? error.message : 'cannot be read',
      'Give the path of a file: postern check FILE.',
    );
  }
  try {
    return readConfig(JSON.parse(text));
  } catch (error) {
    return refuse(
      `is not JSON (${error instanceof Error ? error.message : ''})`,
      'Correct it at that place.',
    );
  }
}
