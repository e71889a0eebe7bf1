import { dirname, join } from 'node:path';
import type { Config } from '../config/config.ts';
import { printable, printableJson } from '../control/printable.ts';
import { diagnose, type Finding } from '../doctor/diagnose.ts';
import { examine } from '../system/examine.ts';
import type { Terminal } from './ask.ts';
import { exitCodes } from './exit-codes.ts';

const marks = { ok: 'ok  ', note: 'note', trouble: '!   ' } as const satisfies Record<
  Finding['state'],
  string
>;

/** Looks at what Postern depends on, and prints each thing, with a remedy where there is one. Returns 1 where there is trouble. */
export async function doctor(
  socket: string,
  json: boolean,
  terminal: Terminal,
  configIn: (file: string) => Config | undefined,
): Promise<number> {
  const config = configIn(join(dirname(socket), 'config.json'));
  const facts = await examine(socket, terminal.wallMs(), config?.dataDir);
  const checks = diagnose({ ...facts, networks: config?.networks });
  const isWell = checks.every(({ state }) => state !== 'trouble');
  const text = json ? printableJson({ schema: 1, ok: isWell, checks }, 2) : checks.map(lineOf).join('\n');
  terminal.out(`${text}\n`);
  return isWell ? exitCodes.ok : exitCodes.refused;
}

function lineOf({ check, state, text, remedy }: Finding): string {
  const line = `${marks[state]}  ${check.padEnd(10)}  ${printable(text)}`;
  return remedy === undefined ? line : `${line}\n                  ${printable(remedy)}`;
}
